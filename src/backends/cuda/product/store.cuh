// What the kernels of matrix products share: bytes from memory, and sums to memory.
#pragma once

#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/product/matmul.hpp"

namespace octet::cuda {

__device__ __forceinline__ int load_byte(const void* base, bool is_unsigned, long long i) {
  return is_unsigned ? static_cast<const unsigned char*>(base)[i]
                     : static_cast<const signed char*>(base)[i];
}

// Output `at`, which lies in this column.
__device__ __forceinline__ void store_sum(const MatMulParams& p, int sum, int column, void* y,
                                          long long at) {
  if (p.sum_output) {
    static_cast<int*>(y)[at] = sum + (p.epilogue.ibias == nullptr ? 0 : p.epilogue.ibias[column]);
    return;
  }
  const float v = finish(p.epilogue, sum, column, 0);
  if (p.epilogue.float_output) static_cast<float*>(y)[at] = v;
  else static_cast<signed char*>(y)[at] = static_cast<signed char>(static_cast<int>(v));
}

}  // namespace octet::cuda
