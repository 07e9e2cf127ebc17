// Sums of byte products, held in registers. Included inside a target region only.
#pragma once

#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

template <class L, int kRows, int kVectors>
void dot_tile(const DotTile& tile) {
  constexpr std::ptrdiff_t kVectorBytes = 4 * L::kWidth;
  typename L::Int sums[kRows][kVectors];
  const std::uint8_t* windows[kRows];
  OCTET_UNROLL for (int i = 0; i < kRows; ++i) {
    windows[i] = tile.windows[i];
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j) sums[i][j] = L::zero();
  }
  const std::int8_t* weights = tile.weights;
  for (int run = 0; run < tile.runs; ++run) {
    std::ptrdiff_t at = tile.run_offsets[run];
    const std::ptrdiff_t end = at + std::ptrdiff_t{4} * tile.quads;
    for (; at < end; at += 4) {
      typename L::Dot w[kVectors];
      OCTET_UNROLL for (int j = 0; j < kVectors; ++j) w[j] =
          L::prepare_weights(weights + j * kVectorBytes);
      OCTET_UNROLL for (int i = 0; i < kRows; ++i) {
        const typename L::Dot x = L::broadcast(windows[i] + at);
        OCTET_UNROLL for (int j = 0; j < kVectors; ++j) sums[i][j] = L::dot(sums[i][j], x, w[j]);
      }
      weights += kVectors * kVectorBytes;
    }
  }
  OCTET_UNROLL for (int i = 0; i < kRows; ++i) {
    OCTET_UNROLL for (int j = 0; j < kVectors; ++j)
        L::store(tile.sums + (i * kVectors + j) * L::kWidth, sums[i][j]);
  }
}

template <class L, int kVectors, int kRows = 1>
constexpr void fill_dot_tiles(VectorKernels& kernels) {
  kernels.tile_rows[kVectors] = L::tile_rows(kVectors);
  kernels.dot_tile[kVectors][kRows] = dot_tile<L, kRows, kVectors>;
  if constexpr (kRows < L::tile_rows(kVectors)) fill_dot_tiles<L, kVectors, kRows + 1>(kernels);
}

}  // namespace octet::cpu
