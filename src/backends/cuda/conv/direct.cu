// One thread computes one output element with plain loops. Nothing is shared, so it is bound by the
// latency of its loads; it exists so that every convolution runs, and as the first rung of the
// ladder.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/direct.hpp"

namespace octet::cuda {
namespace {

constexpr int kThreads = 256;

struct Position {
  int n, k, oh, ow;
};

__device__ Position position_of(const DirectConvParams& params, long long index) {
  const ConvGeometry& g = params.g;
  Position p{};
  p.k = static_cast<int>(index % params.k_memory);
  index /= params.k_memory;
  p.ow = static_cast<int>(index % g.ow);
  index /= g.ow;
  p.oh = static_cast<int>(index % g.oh);
  p.n = static_cast<int>(index / g.oh);
  return p;
}

__device__ long long at(const Strides& s, int n, int c, int h, int w) {
  return n * s.n + (c / s.vector) * s.c + h * s.h + w * s.w + c % s.vector;
}

__device__ int load_byte(const void* base, bool is_unsigned, long long i) {
  return is_unsigned ? static_cast<const unsigned char*>(base)[i]
                     : static_cast<const signed char*>(base)[i];
}

// Calls tap(channel in the group, input offset, filter offset) for every tap inside the image.
template <typename Tap>
__device__ void for_each_tap(const DirectConvParams& p, const Position& at_output, Tap tap) {
  const ConvGeometry& g = p.g;
  const int group_in = g.c / g.groups;
  const int first = at_output.k / (g.k / g.groups) * group_in;
  for (int r = 0; r < g.r; ++r) {
    const int ih = at_output.oh * g.stride_h - g.pad_top + r * g.dilation_h;
    if (ih < 0 || ih >= g.h) continue;
    for (int s = 0; s < g.s; ++s) {
      const int iw = at_output.ow * g.stride_w - g.pad_left + s * g.dilation_w;
      if (iw < 0 || iw >= g.w) continue;
      const int fr = g.flip ? g.r - 1 - r : r, fs = g.flip ? g.s - 1 - s : s;
      for (int c = 0; c < group_in; ++c)
        tap(at(p.x, at_output.n, first + c, ih, iw),
            ((static_cast<long long>(at_output.k) * group_in + c) * g.r + fr) * g.s + fs);
    }
  }
}

__global__ void direct_conv(DirectConvParams p, const void* x, const void* w, const void* z,
                            void* y, long long total) {
  begin_in_chain();
  const long long index = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  const Position o = position_of(p, index);
  const long long yi = at(p.y, o.n, o.k, o.oh, o.ow);
  if (o.k >= p.g.k) {
    if (p.sum_output || p.epilogue.float_output) static_cast<int*>(y)[yi] = 0;
    else
      static_cast<signed char*>(y)[yi] =
          static_cast<signed char>(static_cast<int>(p.epilogue.quantiser.zero_point));
    return;
  }
  const int wz = p.w_zero_points == nullptr ? 0 : p.w_zero_points[o.k];
  int acc = 0;
  for_each_tap(p, o, [&](long long xi, long long wi) {
    acc +=
        (load_byte(x, p.x_unsigned, xi) - p.x_zero_point) * (load_byte(w, p.w_unsigned, wi) - wz);
  });
  if (p.sum_output) {
    static_cast<int*>(y)[yi] = acc + p.epilogue.ibias[o.k];
    return;
  }
  const int zv = z == nullptr ? 0 : load_byte(z, p.z_unsigned, at(p.z, o.n, o.k, o.oh, o.ow));
  const float v = finish(p.epilogue, acc, o.k, zv);
  if (p.epilogue.float_output) static_cast<float*>(y)[yi] = v;
  else static_cast<signed char*>(y)[yi] = static_cast<signed char>(static_cast<int>(v));
}

__global__ void direct_conv_f32(DirectConvParams p, const float* x, const float* w,
                                const float* bias, const float* z, float* y, long long total) {
  begin_in_chain();
  const long long index = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  const Position o = position_of(p, index);
  if (o.k >= p.g.k) return;
  float acc = 0.0f;
  for_each_tap(p, o, [&](long long xi, long long wi) { acc = __fmaf_rn(x[xi], w[wi], acc); });
  if (bias != nullptr) acc += bias[o.k];
  if (z != nullptr) acc += z[at(p.z, o.n, o.k, o.oh, o.ow)];
  y[at(p.y, o.n, o.k, o.oh, o.ow)] = activate(p.epilogue.activation, acc);
}

long long outputs_of(const DirectConvParams& p) {
  return static_cast<long long>(p.g.n) * p.k_memory * p.g.oh * p.g.ow;
}

unsigned blocks_for(long long total) {
  return static_cast<unsigned>((total + kThreads - 1) / kThreads);
}

}  // namespace

void launch_direct_conv(const DirectConvParams& params, const void* x, const void* w, const void* z,
                        void* y, cudaStream_t stream) {
  const long long total = outputs_of(params);
  if (total > 0)
    launch_chained(direct_conv, {blocks_for(total), kThreads}, stream, params, x, w, z, y, total);
}

void launch_direct_conv_f32(const DirectConvParams& params, const float* x, const float* w,
                            const float* bias, const float* z, float* y, cudaStream_t stream) {
  const long long total = outputs_of(params);
  if (total > 0)
    launch_chained(direct_conv_f32, {blocks_for(total), kThreads}, stream, params, x, w, bias, z, y,
                   total);
}

}  // namespace octet::cuda
