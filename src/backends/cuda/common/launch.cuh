// The launch shape of kernels in which each thread makes one element.
#pragma once

namespace octet::cuda {

inline constexpr int kElementThreads = 256;

inline unsigned element_blocks(long long count) {
  return static_cast<unsigned>((count + kElementThreads - 1) / kElementThreads);
}

__device__ __forceinline__ long long element_index() {
  return static_cast<long long>(blockIdx.x) * kElementThreads + threadIdx.x;
}

}  // namespace octet::cuda
