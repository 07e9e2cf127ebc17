// Taking an element's number apart, and finding it in memory.
#pragma once

#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

// The innermost coordinate of a number; `rest` keeps the outer ones. 32 bits, since a division of
// 64 bits costs as much as a kernel's work on an element.
__device__ __forceinline__ int take(unsigned* rest, int extent) {
  const unsigned at = *rest % static_cast<unsigned>(extent);
  *rest /= static_cast<unsigned>(extent);
  return static_cast<int>(at);
}

__device__ __forceinline__ long long channel_offset(const Strides& s, int c) {
  return static_cast<long long>(c / s.vector) * s.c + c % s.vector;
}

__device__ __forceinline__ long long element_offset(const Strides& s, int n, int c, int h, int w) {
  return n * s.n + channel_offset(s, c) + h * s.h + w * s.w;
}

}  // namespace octet::cuda
