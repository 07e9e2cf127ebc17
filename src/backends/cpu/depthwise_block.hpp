// Depthwise sums: four taps of a channel are one byte dot product. Included inside a target region.
#pragma once

#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

template <class L>
void depthwise_block(const DepthwiseBlock& block) {
  constexpr std::ptrdiff_t kVectorBytes = 4 * L::kWidth;
  const std::uint8_t* window = block.window;
  std::int32_t* to = block.sums;
  for (int position = 0; position < block.positions; ++position) {
    typename L::Int sums[4];
    OCTET_UNROLL for (int j = 0; j < 4; ++j) sums[j] = L::zero();
    const std::int8_t* weights = block.weights;
    for (int quad = 0; quad < block.tap_quads; ++quad) {
      const std::ptrdiff_t* offsets = block.tap_offsets + 4 * quad;
      const std::uint8_t* taps[4];
      OCTET_UNROLL for (int t = 0; t < 4; ++t) taps[t] = window + offsets[t];
      typename L::Dot x[4];
      L::interleave(taps, x);
      OCTET_UNROLL for (int j = 0; j < 4; ++j) {
        sums[j] = L::dot(sums[j], x[j], L::prepare_weights(weights));
        weights += kVectorBytes;
      }
    }
    L::order_block(sums);
    OCTET_UNROLL for (int j = 0; j < 4; ++j) L::store(to + j * L::kWidth, sums[j]);
    window += block.window_stride;
    to += 4 * L::kWidth;
  }
}

}  // namespace octet::cpu
