// Weights in the order in which the dot-product tiles read them.
#pragma once

#include "backends/cpu/conv_geometry.hpp"
#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

// Neighbouring output channels of one group that a tile covers.
struct Panel {
  std::int64_t group = 0;
  std::int64_t first_channel = 0;  // among all output channels
  int channels = 0;
  int vectors = 0;
  std::int64_t weights = 0;  // offset in DotWeights::bytes
};

struct DotWeights {
  // The window's bytes of one position: `runs` stretches of `run_bytes`, read in quads of 4. Where
  // a filter row's taps are neighbours in memory, the whole row is one run.
  bool row_runs = false;
  int runs = 0;
  std::int64_t run_bytes = 0;
  int quads = 0;
  std::vector<Panel> panels;
  std::vector<std::int32_t> sums;  // of each output channel's weights
  Tensor bytes;  // [panel][run][quad][vector][lane][4], zero where a panel or run is filled up

  static DotWeights pack(const WeightView& weights, const ConvGeometry& shape,
                         const VectorKernels& kernels);
  // Where run `i` starts in a window, for input rows of `row_bytes`.
  std::vector<std::ptrdiff_t> run_offsets(const ConvGeometry& shape, std::int64_t row_bytes) const;
};

}  // namespace octet::cpu
