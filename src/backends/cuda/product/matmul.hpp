// Matrix products: f32, and exact products of bytes.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"

namespace octet::cuda {

struct MatMulParams {
  int batches, m, n, k;
  long long a_batch, b_batch;             // elements from one product to the next; 0: shared
  int a_row, a_depth, b_depth, b_column;  // steps in elements
  bool a_unsigned, b_unsigned;
  int a_zero_point;
  const int* b_zero_points;  // per column in device memory, or nullptr
  bool sum_output;           // bytes: store the bare sum, s32
  EpilogueParams epilogue;
};

// y {batches, m, n}. `bias` {n} or nullptr is added after the sum.
void launch_matmul_f32(const MatMulParams& params, const float* a, const float* b,
                       const float* bias, float* y, cudaStream_t stream);
void launch_matmul_bytes(const MatMulParams& params, const void* a, const void* b, void* y,
                         cudaStream_t stream);

}  // namespace octet::cuda
