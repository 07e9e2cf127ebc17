// The way out where the Tensor Cores cannot give a sum of f32.
#pragma once

#include "backends/cuda/product/matmul.hpp"

namespace octet::cuda {

// What to store for the sum of a row of a and a column of b (each begins there). Infinite operands
// and those near the largest float have no two parts (common/ptx_mma_float.cuh), so that a sum with
// them comes out as no number: it is made anew, one product after the other in binary64, as the
// reference does.
__device__ __forceinline__ float mended_sum(const MatMulParams& p, float sum, const float* row,
                                            const float* column) {
  if (sum == sum) return sum;
  double plain = 0.0;
#pragma unroll 1
  for (int d = 0; d < p.k; ++d)
    plain += static_cast<double>(row[static_cast<long long>(d) * p.a_depth]) *
             static_cast<double>(column[static_cast<long long>(d) * p.b_depth]);
  return static_cast<float>(plain);
}

}  // namespace octet::cuda
