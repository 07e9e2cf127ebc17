// Matrix products: f32, and exact products of bytes.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/walk.hpp"

namespace octet::cuda {

struct MatMulParams {
  int batches, m, n, k;
  long long a_batch, b_batch;             // elements from one product to the next; 0: shared
  int a_row, a_depth, b_depth, b_column;  // steps in elements
  bool b_constant;                        // nothing that is queued writes it
  bool a_vectors, b_vectors;              // f32: every four of its depth are one aligned load
  bool a_unsigned, b_unsigned;
  int a_zero_point;
  const int* b_zero_points;  // per column in device memory, or nullptr
  bool sum_output;           // bytes: store the bare sum, s32
  EpilogueParams epilogue;
};

// Products whose leading axes are broadcast one by one, and a bias that is broadcast in any way.
struct MatMulAnyParams {
  MatMulParams product;                    // but for a_batch and b_batch
  const long long *a_offsets, *b_offsets;  // of each product's operands, in device memory
  Walk bias;                               // over the output; f32
};

// y {batches, m, n}. `bias` {n} or nullptr is added after the sum, which takes its products in an
// order that depends on the depth alone (product/depth_parts.cuh). `clusters`: whether the device
// has them.
void launch_matmul_f32(MatMulParams params, const float* a, const float* b, const float* bias,
                       float* y, bool clusters, cudaStream_t stream);
// What it chooses from: for few rows, and for many.
void launch_matmul_few(const MatMulParams& params, const float* a, const float* b,
                       const float* bias, float* y, cudaStream_t stream);
void launch_matmul_wide(const MatMulParams& params, const float* a, const float* b,
                        const float* bias, float* y, bool clusters, cudaStream_t stream);
void launch_matmul_any_f32(const MatMulAnyParams& params, const float* a, const float* b,
                           const float* bias, float* y, cudaStream_t stream);
void launch_matmul_any_bytes(const MatMulAnyParams& params, const void* a, const void* b, void* y,
                             cudaStream_t stream);
void launch_matmul_bytes(const MatMulParams& params, const void* a, const void* b, void* y,
                         cudaStream_t stream);

}  // namespace octet::cuda
