// One thread computes one output element with plain loops. Nothing is shared, so it is bound by the
// latency of its loads; it exists so that every convolution runs, and as the first rung of the
// ladder. Floats are added in binary64 and in the order of channels, rows and columns, as the
// reference does.
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

// The input's row or column that filter tap t sees at output position o, or -1.
__device__ __forceinline__ int seen_by(bool transposed, int o, int t, int stride, int pad,
                                       int dilation, int extent) {
  if (!transposed) {
    const int i = o * stride - pad + t * dilation;
    return i < extent ? i : -1;
  }
  const int i = o + pad - t * dilation;
  return i >= 0 && i % stride == 0 && i / stride < extent ? i / stride : -1;
}

// The taps of one output: input channel `first` + c is channel c of its group.
struct Taps {
  int first, count;
  long long filter;  // of channel 0, row 0, column 0
};

__device__ Taps taps_of(const DirectConvParams& p, const Position& o) {
  const ConvGeometry& g = p.g;
  const int outputs = g.k / g.groups, count = g.c / g.groups, group = o.k / outputs;
  const FilterSteps& f = p.filter;
  return {group * count, count,
          o.n * f.n + group * f.group + o.k % outputs * f.k + o.oh / f.region_h * f.row +
              o.ow / f.region_w * f.column};
}

// Calls tap(row, column, offset in the filter) for every tap inside the image.
template <typename Tap>
__device__ void for_each_place(const DirectConvParams& p, const Position& o, Tap tap) {
  const ConvGeometry& g = p.g;
  for (int r = 0; r < g.r; ++r) {
    const int h = seen_by(p.transposed, o.oh, r, g.stride_h, g.pad_top, g.dilation_h, g.h);
    if (h < 0) continue;
    for (int s = 0; s < g.s; ++s) {
      const int w = seen_by(p.transposed, o.ow, s, g.stride_w, g.pad_left, g.dilation_w, g.w);
      if (w < 0) continue;
      const int fr = g.flip ? g.r - 1 - r : r, fs = g.flip ? g.s - 1 - s : s;
      tap(h, w, fr * p.filter.r + fs * p.filter.s);
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
  const Taps taps = taps_of(p, o);
  int acc = 0;
  for_each_place(p, o, [&](int ih, int iw, long long tap) {
    for (int c = 0; c < taps.count; ++c) {
      const int xv = load_byte(x, p.x_unsigned, at(p.x, o.n, taps.first + c, ih, iw));
      const int wv = load_byte(w, p.w_unsigned, taps.filter + c * p.filter.c + tap);
      acc += (xv - p.x_zero_point) * (wv - wz);
    }
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
  const Taps taps = taps_of(p, o);
  double acc = 0.0;
  for (int c = 0; c < taps.count; ++c)
    for_each_place(p, o, [&](int ih, int iw, long long tap) {
      acc += static_cast<double>(x[at(p.x, o.n, taps.first + c, ih, iw)]) *
             static_cast<double>(w[taps.filter + c * p.filter.c + tap]);
    });
  float v = static_cast<float>(acc) + (bias != nullptr ? bias[o.k] : 0.0f);
  if (z != nullptr) v += z[at(p.z, o.n, o.k, o.oh, o.ow)];
  y[at(p.y, o.n, o.k, o.oh, o.ow)] = activate(p.epilogue.activation, v);
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
