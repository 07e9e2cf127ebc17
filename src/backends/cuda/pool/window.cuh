// The taps of a pooling window, and the rounding of its mean.
#pragma once

#include "backends/cuda/common/index.cuh"
#include "backends/cuda/pool/pool.hpp"

namespace octet::cuda {

struct Span {
  int first, count, step;  // taps inside the image
  int padded;              // taps inside the image and its padding
};

__device__ __forceinline__ Span span_at(int position, int stride, int pad, int pad_after,
                                        int kernel, int dilation, int extent) {
  const int start = position * stride - pad;
  const auto below = [&](int limit) {
    if (limit <= start) return 0;
    const int taps = limit - start + dilation - 1;
    return min(kernel, dilation == 1 ? taps : taps / dilation);
  };
  const int before = below(0);
  return {start + before * dilation, below(extent) - before, dilation, below(extent + pad_after)};
}

// Half away from zero, exactly.
__device__ __forceinline__ int divide_half_away(int sum, int count) {
  const int magnitude = (2 * abs(sum) + count) / (2 * count);
  return sum < 0 ? -magnitude : magnitude;
}

}  // namespace octet::cuda
