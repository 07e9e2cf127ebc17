// Fills the table for one instruction set. Included inside a target region only.
#pragma once

#include "backends/cpu/depthwise_block.hpp"
#include "backends/cpu/dot_tile.hpp"
#include "backends/cpu/epilogue_rows.hpp"

namespace octet::cpu {

template <class L>
void copy_flipped(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes,
                  std::uint8_t flip) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i] ^ flip;
}

template <class L>
constexpr VectorKernels make_vector_kernels() {
  VectorKernels kernels;
  kernels.width = L::kWidth;
  kernels.panel_vectors = L::kPanelVectors;
  fill_dot_tiles<L, 1>(kernels);
  fill_dot_tiles<L, 2>(kernels);
  if constexpr (L::kPanelVectors >= 3) fill_dot_tiles<L, 3>(kernels);
  if constexpr (L::kPanelVectors >= 4) fill_dot_tiles<L, 4>(kernels);
  kernels.epilogue = epilogue_rows<L>;
  kernels.depthwise = depthwise_block<L>;
  kernels.copy_flipped = copy_flipped<L>;
  return kernels;
}

}  // namespace octet::cpu
