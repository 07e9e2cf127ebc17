// One thread makes one output element; neighbouring threads are neighbouring channels in NHWC and
// neighbouring columns in the other layouts. Bound by the reads, of which windows share most in L1.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/pool/window.cuh"

namespace octet::cuda {
namespace {

__device__ float load(const PoolParams& p, const void* x, long long i) {
  if (p.is_float) return static_cast<const float*>(x)[i];
  return p.is_unsigned ? static_cast<float>(static_cast<const unsigned char*>(x)[i])
                       : static_cast<float>(static_cast<const signed char*>(x)[i]);
}

__device__ float pool_one(const PoolParams& p, const void* x, int n, int c, const Span& rows,
                          const Span& columns) {
  const int inside = rows.count * columns.count;
  const int count = p.include_padding ? rows.padded * columns.padded : inside;
  float most = -INFINITY, real = 0.0f;
  int sum = 0;
  for (int i = 0; i < rows.count; ++i)
    for (int j = 0; j < columns.count; ++j) {
      const float v = load(
          p, x,
          element_offset(p.x, n, c, rows.first + i * rows.step, columns.first + j * columns.step));
      if (p.method == PoolParams::kMax) most = fmaxf(most, v);
      else if (p.method == PoolParams::kIntegerAverage) sum += static_cast<int>(v);
      else
        real = __fadd_rn(real,
                         p.is_float ? v : __fmul_rn(v - static_cast<float>(p.zero_point), p.scale));
    }
  if (p.method == PoolParams::kMax) {
    if (p.is_float) return most;
    if (inside == 0) most = p.is_unsigned ? 0.0f : -128.0f;
    if (!p.requantises) return most;
    return quantise(p.quantiser, __fmul_rn(most - static_cast<float>(p.zero_point), p.scale));
  }
  if (p.method == PoolParams::kIntegerAverage) {
    if (count == 0) return static_cast<float>(p.zero_point);
    return static_cast<float>(divide_half_away(sum + (count - inside) * p.zero_point, count));
  }
  const float mean = count == 0 ? 0.0f : __fdiv_rn(real, static_cast<float>(count));
  return p.is_float ? mean : quantise(p.quantiser, mean);
}

__global__ void pool(const __grid_constant__ PoolParams p, const void* x, void* y) {
  begin_in_chain();
  long long i = element_index();
  if (i >= static_cast<long long>(p.n) * p.c * p.oh * p.ow) return;
  const bool channels_first = p.y.c < p.y.w || p.y.vector > 1;  // channels change fastest
  int c, oh, ow;
  if (channels_first) {
    c = static_cast<int>(i % p.c), i /= p.c;
    ow = static_cast<int>(i % p.ow), i /= p.ow;
    oh = static_cast<int>(i % p.oh), i /= p.oh;
  } else {
    ow = static_cast<int>(i % p.ow), i /= p.ow;
    oh = static_cast<int>(i % p.oh), i /= p.oh;
    c = static_cast<int>(i % p.c), i /= p.c;
  }
  const int n = static_cast<int>(i);
  const Span rows = span_at(oh, p.stride_h, p.pad_top, p.pad_bottom, p.kernel_h, p.dilation_h, p.h);
  const Span columns =
      span_at(ow, p.stride_w, p.pad_left, p.pad_right, p.kernel_w, p.dilation_w, p.w);
  const float v = pool_one(p, x, n, c, rows, columns);
  const long long to = element_offset(p.y, n, c, oh, ow);
  if (p.is_float) static_cast<float*>(y)[to] = v;
  else static_cast<signed char*>(y)[to] = static_cast<signed char>(static_cast<int>(v));
}

template <bool kUnsigned>
__device__ uint4 max16(uint4 a, uint4 b) {
  if constexpr (kUnsigned)
    return make_uint4(__vmaxu4(a.x, b.x), __vmaxu4(a.y, b.y), __vmaxu4(a.z, b.z),
                      __vmaxu4(a.w, b.w));
  else
    return make_uint4(__vmaxs4(a.x, b.x), __vmaxs4(a.y, b.y), __vmaxs4(a.z, b.z),
                      __vmaxs4(a.w, b.w));
}

// A thread makes 16 channels of one output pixel with 16-byte loads.
template <bool kUnsigned>
__global__ void max_pool_nhwc(const __grid_constant__ PoolParams p, const uint4* x, uint4* y) {
  begin_in_chain();
  const long long index = element_index();
  const int groups = p.c / 16;
  if (index >= static_cast<long long>(p.n) * p.oh * p.ow * groups) return;
  long long i = index;
  const int group = static_cast<int>(i % groups);
  i /= groups;
  const int ow = static_cast<int>(i % p.ow);
  i /= p.ow;
  const int oh = static_cast<int>(i % p.oh), n = static_cast<int>(i / p.oh);
  const Span rows = span_at(oh, p.stride_h, p.pad_top, p.pad_bottom, p.kernel_h, p.dilation_h, p.h);
  const Span columns =
      span_at(ow, p.stride_w, p.pad_left, p.pad_right, p.kernel_w, p.dilation_w, p.w);
  const unsigned lowest = kUnsigned ? 0u : 0x80808080u;
  uint4 most = make_uint4(lowest, lowest, lowest, lowest);
  for (int r = 0; r < rows.count; ++r)
    for (int s = 0; s < columns.count; ++s) {
      const long long pixel = (static_cast<long long>(n) * p.h + rows.first + r * rows.step) * p.w +
                              columns.first + s * columns.step;
      most = max16<kUnsigned>(most, __ldg(x + pixel * groups + group));
    }
  y[index] = most;
}

}  // namespace

void launch_max_pool_nhwc(const PoolParams& params, const void* x, void* y, cudaStream_t stream) {
  const long long count =
      static_cast<long long>(params.n) * params.oh * params.ow * (params.c / 16);
  if (count == 0) return;
  const auto kernel = params.is_unsigned ? max_pool_nhwc<true> : max_pool_nhwc<false>;
  launch_chained(kernel, {element_blocks(count), kElementThreads}, stream, params,
                 static_cast<const uint4*>(x), static_cast<uint4*>(y));
}

void launch_pool(const PoolParams& params, const void* x, void* y, cudaStream_t stream) {
  const long long count = static_cast<long long>(params.n) * params.c * params.oh * params.ow;
  if (count > 0)
    launch_chained(pool, {element_blocks(count), kElementThreads}, stream, params, x, y);
}

}  // namespace octet::cuda
