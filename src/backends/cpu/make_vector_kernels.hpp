// Fills the table for one instruction set. Included inside a target region only.
#pragma once

#include "backends/cpu/byte_rows.hpp"
#include "backends/cpu/depthwise_block.hpp"
#include "backends/cpu/dot_tile.hpp"
#include "backends/cpu/epilogue_rows.hpp"
#include "backends/cpu/pool_window.hpp"

namespace octet::cpu {

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
  kernels.quantise = quantise_bytes<L>;
  kernels.dequantise = dequantise_bytes<L>;
  kernels.binary = binary_bytes<L>;
  kernels.max_pool = max_pool<L>;
  kernels.average_pool = average_pool<L>;
  kernels.copy_rows = copy_rows<L>;
  kernels.interleave_rows = interleave_rows<L>;
  return kernels;
}

}  // namespace octet::cpu
