// One thread makes one element. Bound by memory: five bytes an element.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/convert/convert.hpp"

namespace octet::cuda {
namespace {

__global__ void convert(const __grid_constant__ ConvertParams p, const void* x, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  float v = p.from_integer ? static_cast<float>(static_cast<const int*>(x)[i])
                           : static_cast<const float*>(x)[i];
  if (p.scaled) v = __fmul_rn(v, p.factor);
  if (p.to_float) {
    static_cast<float*>(y)[i] = v;
    return;
  }
  const int q = static_cast<int>(quantise(p.quantiser, v));
  if (p.to_bytes == 1) static_cast<signed char*>(y)[i] = static_cast<signed char>(q);
  else static_cast<int*>(y)[i] = q;
}

__device__ long long at(const Strides& s, int n, int c, int h, int w) {
  return n * s.n + (c / s.vector) * s.c + h * s.h + w * s.w + c % s.vector;
}

// A thread makes four channels of a pixel; neighbouring threads are neighbouring columns, so the
// reads of NCHW are coalesced and the writes of packed layouts too.
__global__ void convert_relayout(const __grid_constant__ ConvertRelayoutParams p, const float* x,
                                 signed char* y) {
  begin_in_chain();
  long long i = element_index();
  const int groups = p.padded_c / 4;
  if (i >= static_cast<long long>(p.n) * groups * p.h * p.w) return;
  const int w = static_cast<int>(i % p.w);
  i /= p.w;
  const int h = static_cast<int>(i % p.h);
  i /= p.h;
  const int c0 = static_cast<int>(i % groups) * 4, n = static_cast<int>(i / groups);
  char4 q;
  signed char* lanes = reinterpret_cast<signed char*>(&q);
#pragma unroll
  for (int k = 0; k < 4; ++k)
    lanes[k] = static_cast<signed char>(
        static_cast<int>(c0 + k < p.c ? quantise(p.quantiser, x[at(p.from, n, c0 + k, h, w)])
                                      : p.quantiser.zero_point));
  *reinterpret_cast<char4*>(y + at(p.to, n, c0, h, w)) = q;
}

}  // namespace

void launch_convert_relayout(const ConvertRelayoutParams& params, const float* x, signed char* y,
                             cudaStream_t stream) {
  const long long count =
      static_cast<long long>(params.n) * (params.padded_c / 4) * params.h * params.w;
  if (count > 0)
    launch_chained(convert_relayout, {element_blocks(count), kElementThreads}, stream, params, x,
                   y);
}

void launch_convert(const ConvertParams& params, const void* x, void* y, cudaStream_t stream) {
  if (params.count > 0)
    launch_chained(convert, {element_blocks(params.count), kElementThreads}, stream, params, x, y);
}

}  // namespace octet::cuda
