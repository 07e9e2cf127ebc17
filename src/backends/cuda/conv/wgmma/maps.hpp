// The copy engine's descriptors for a convolution of gemm.cuh.
#pragma once

#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Encodes the descriptors of a problem's operands for the pointers of a run.
class WgmmaMaps {
 public:
  // `params` are those of wgmma_params() for the same problem and tile.
  WgmmaMaps(const Problem& problem, const WgmmaConvParams& params, const WgmmaTile& tile);

  // `z` may be nullptr.
  WgmmaConvMaps encode(const std::byte* x, const std::byte* z, std::byte* y) const;

 private:
  CUtensorMap encode_taps(const void* x) const;
  CUtensorMap encode_outputs(const void* y) const;

  ConvGeometry g_;
  Window2d window_;
  WgmmaTile tile_;
  std::uint64_t pixels_;
  bool matrix_;
};

}  // namespace octet::cuda
