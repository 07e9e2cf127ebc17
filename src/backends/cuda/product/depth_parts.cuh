// The order in which a product of f32 is summed, whatever kernel, tile or layout makes it.
//
//   depth k belongs to run k / kDepthRun, a run to part run % kDepthParts
//   a run is summed by the Tensor Cores (common/ptx_mma_float.cuh) in steps of kDepthStep, from
//   zero, with zeros behind the end of the depth
//   a part is the sum of its runs in order
//   parts are added as a tree of neighbours: (0 + 1) + (2 + 3), ...
//
// So 16 warps share the depth of a tile, whatever its size, and a run is a whole line of memory.
// What columns and rows a product holds besides makes no difference to a sum, but which operand is
// which might: b's columns are always the left one's rows. Steps go in pairs, of which a lane loads
// four neighbours 4t .. 4t + 3: the first two take the places t and t + 4 of the first step, the
// others those of the second.
#pragma once

#include "backends/cuda/common/ptx_mma_float.cuh"

namespace octet::cuda {

inline constexpr int kDepthParts = 16, kDepthRun = 32, kDepthStep = 8;
inline constexpr int kDepthPeriod = kDepthParts * kDepthRun;

// The operands of a step (0 or 1) of what a lane has loaded of a pair: of the columns g and g + 8
// of b, and of row g of a.
__device__ __forceinline__ void split_columns(SplitFloats<4>& to, const float4& upper,
                                              const float4& lower, int step) {
  if (step == 0) split(to, {upper.x, lower.x, upper.y, lower.y});
  else split(to, {upper.z, lower.z, upper.w, lower.w});
}
__device__ __forceinline__ void split_row(SplitFloats<2>& to, const float4& row, int step) {
  if (step == 0) split(to, {row.x, row.y});
  else split(to, {row.z, row.w});
}

// The tree over 2^n neighbouring values.
template <int kCount>
__device__ __forceinline__ float sum_of_neighbours(const float (&values)[kCount]) {
  if constexpr (kCount == 1) {
    return values[0];
  } else {
    float pairs[kCount / 2];
#pragma unroll
    for (int i = 0; i < kCount / 2; ++i) pairs[i] = __fadd_rn(values[2 * i], values[2 * i + 1]);
    return sum_of_neighbours(pairs);
  }
}

}  // namespace octet::cuda
