// One thread makes one element. Which elements a resize reads and how it weighs them stands in
// tables, one an axis, made on the host by the operator itself; they stay in L1. Bound by memory,
// or by the division of the element's number among many axes.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/resample/resample.hpp"
#include "ops/sampling.hpp"

namespace octet::cuda {
namespace {

// The output's place along each axis; false where it lies outside the image.
__device__ __forceinline__ bool locate(const ResizeParams& p, long long i,
                                       int (&at)[ResizeParams::kMostAxes]) {
  bool inside = true;
#pragma unroll
  for (int axis = ResizeParams::kMostAxes - 1; axis >= 0; --axis) {
    if (axis >= p.axes) continue;
    at[axis] = static_cast<int>(i % p.taps[axis].extent);
    i /= p.taps[axis].extent;
    inside = inside && p.taps[axis].count[at[axis]] > 0;
  }
  return inside;
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void resize_nearest(
    const __grid_constant__ ResizeParams p, const T* x, T* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  int at[ResizeParams::kMostAxes];
  if (!locate(p, i, at)) {
    y[i] = static_cast<T>(p.outside_bits);
    return;
  }
  long long from = 0;
#pragma unroll
  for (int axis = 0; axis < ResizeParams::kMostAxes; ++axis)
    if (axis < p.axes) from += p.taps[axis].offset[at[axis] * p.taps[axis].most];
  y[i] = x[from];
}

// Elements are weighed and added in the reference's order.
template <typename T>
__global__ __launch_bounds__(kElementThreads) void resize_weighted(
    const __grid_constant__ ResizeParams p, const T* x, T* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  int at[ResizeParams::kMostAxes];
  if (!locate(p, i, at)) {
    y[i] = to_sample<T>(p.outside, p.rounding);
    return;
  }
  int tap[ResizeParams::kMostAxes] = {};
  float sum = 0.0f;
  for (bool more = true; more;) {
    long long from = 0;
#pragma unroll
    for (int axis = 0; axis < ResizeParams::kMostAxes; ++axis)
      if (axis < p.axes) from += p.taps[axis].offset[at[axis] * p.taps[axis].most + tap[axis]];
    sum = sum + weigh<ResizeParams::kMostAxes>(
                    p.order, static_cast<float>(x[from]), p.axes, [&](int axis) {
                      return p.taps[axis].weight[at[axis] * p.taps[axis].most + tap[axis]];
                    });
    // The next element: the innermost axis steps first.
    more = false;
#pragma unroll
    for (int axis = ResizeParams::kMostAxes - 1; axis >= 0; --axis) {
      if (axis >= p.axes || more) continue;
      if (++tap[axis] < p.taps[axis].count[at[axis]]) more = true;
      else tap[axis] = 0;
    }
  }
  y[i] = to_sample<T>(sum, p.rounding);
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void warp_perspective(
    const __grid_constant__ WarpParams p, const T* x, const float* matrices, T* y) {
  begin_in_chain();
  long long i = element_index();
  if (i >= static_cast<long long>(p.n) * p.c * p.oh * p.ow) return;
  T* const to = y + i;
  const int w = static_cast<int>(i % p.ow);
  i /= p.ow;
  const int h = static_cast<int>(i % p.oh);
  i /= p.oh;  // the map
  const float* matrix = matrices + i / p.c * 9;
  const WarpPoint at =
      warp_point(p.border, matrix, static_cast<float>(h), static_cast<float>(w), p.h, p.w);
  const T* map = x + i * p.h * p.w;
  *to = to_sample<T>(interpolate(map, p.w, at.down, at.across, p.border_value), {Rounding::away});
}

template <typename T>
void launch_nearest(const ResizeParams& params, const void* x, void* y, cudaStream_t stream) {
  launch_chained(resize_nearest<T>, {element_blocks(params.count), kElementThreads}, stream, params,
                 static_cast<const T*>(x), static_cast<T*>(y));
}

}  // namespace

void launch_resize_nearest(const ResizeParams& params, const void* x, void* y,
                           cudaStream_t stream) {
  if (params.count == 0) return;
  switch (params.element_bytes) {
    case 1: return launch_nearest<unsigned char>(params, x, y, stream);
    case 2: return launch_nearest<unsigned short>(params, x, y, stream);
    case 4: return launch_nearest<unsigned int>(params, x, y, stream);
    default: return launch_nearest<unsigned long long>(params, x, y, stream);
  }
}

void launch_resize_weighted(const ResizeParams& params, const void* x, void* y,
                            cudaStream_t stream) {
  if (params.count == 0) return;
  with_sample_type(params.dtype, [&](auto zero) {
    using T = decltype(zero);
    launch_chained(resize_weighted<T>, {element_blocks(params.count), kElementThreads}, stream,
                   params, static_cast<const T*>(x), static_cast<T*>(y));
  });
}

void launch_warp(const WarpParams& params, const void* x, const float* matrices, void* y,
                 cudaStream_t stream) {
  const long long count = static_cast<long long>(params.n) * params.c * params.oh * params.ow;
  if (count == 0) return;
  with_sample_type(params.dtype, [&](auto zero) {
    using T = decltype(zero);
    launch_chained(warp_perspective<T>, {element_blocks(count), kElementThreads}, stream, params,
                   static_cast<const T*>(x), matrices, static_cast<T*>(y));
  });
}

}  // namespace octet::cuda
