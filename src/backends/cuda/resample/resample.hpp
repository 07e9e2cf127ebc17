// Resize and perspective warps.
#pragma once

#include <cuda_runtime.h>

#include "ops/sampling.hpp"
#include "ops/warp_sampling.hpp"

namespace octet::cuda {

// What the output's places along one axis read: place i reads count[i] elements, in order; element
// k lies offset[i * most + k] behind and has weight[i * most + k]. 0 elements: outside the image.
struct ResizeAxisTaps {
  int extent, most;
  const int* count;
  const long long* offset;
  const float* weight;
};

struct ResizeParams {
  static constexpr int kMostAxes = 8;

  long long count;  // output elements
  int axes;         // outermost first
  ResizeAxisTaps taps[kMostAxes];
  DType dtype;        // linear and cubic: f32, s8 or u8
  int element_bytes;  // nearest: 1, 2, 4 or 8
  SampleRounding rounding;
  WeightOrder order;
  float outside;           // linear and cubic: the stored number outside the image
  long long outside_bits;  // nearest: its bytes
};

void launch_resize_nearest(const ResizeParams& params, const void* x, void* y, cudaStream_t stream);
void launch_resize_weighted(const ResizeParams& params, const void* x, void* y,
                            cudaStream_t stream);

struct WarpParams {
  BorderMode border;
  float border_value;
  DType dtype;  // f32, s8 or u8
  int n, c, h, w, oh, ow;
};

// `matrices` {n, 3, 3}.
void launch_warp(const WarpParams& params, const void* x, const float* matrices, void* y,
                 cudaStream_t stream);

}  // namespace octet::cuda
