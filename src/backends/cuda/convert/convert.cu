// One thread makes one element. Bound by memory: five bytes an element.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
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

// Four channels of a pixel, as far as there are so many; `x` points to the first, and x's channels
// lie in planes.
__device__ __forceinline__ unsigned quantise4_at(const ConvertRelayoutParams& p, const float* x,
                                                 int c0) {
  float v[4] = {};
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (c0 + k < p.c) v[k] = __ldg(x + k * p.from.c);
  quantise(p.quantiser, v);
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (c0 + k >= p.c) v[k] = p.quantiser.zero_point;
  return pack_bytes(static_cast<int>(v[0]), static_cast<int>(v[1]), static_cast<int>(v[2]),
                    static_cast<int>(v[3]));
}

__device__ __forceinline__ long long plane_offset(const Strides& s, int n, int c, int h, int w) {
  return n * s.n + c * s.c + h * s.h + w * s.w;
}

// A thread makes four channels of a pixel; neighbouring threads are neighbouring columns, so the
// reads of NCHW are coalesced and the writes of packed layouts too.
__global__ void convert_relayout(const __grid_constant__ ConvertRelayoutParams p, const float* x,
                                 signed char* y) {
  begin_in_chain();
  unsigned i = static_cast<unsigned>(element_index());
  const int groups = p.padded_c / 4;
  if (i >= static_cast<unsigned>(p.n) * groups * p.h * p.w) return;
  const int w = take(&i, p.w), h = take(&i, p.h);
  const int c0 = take(&i, groups) * 4, n = static_cast<int>(i);
  *reinterpret_cast<unsigned*>(y + element_offset(p.to, n, c0, h, w)) =
      quantise4_at(p, x + plane_offset(p.from, n, c0, h, w), c0);
}

// CHWN4: columns are neighbours in x and images in y, so 32 x 32 words turn around in shared
// memory.
constexpr int kTurn = 32, kTurnRows = 8;

__global__ void convert_to_images(const __grid_constant__ ConvertRelayoutParams p, const float* x,
                                  signed char* y) {
  begin_in_chain();
  __shared__ unsigned words[kTurn][kTurn + 1];
  const int groups = p.padded_c / 4, lane = static_cast<int>(threadIdx.x);
  const int w0 = static_cast<int>(blockIdx.x) * kTurn, n0 = static_cast<int>(blockIdx.z) * kTurn;
  const int h = static_cast<int>(blockIdx.y) / groups,
            c0 = static_cast<int>(blockIdx.y) % groups * 4;
  for (int i = static_cast<int>(threadIdx.y); i < kTurn; i += kTurnRows)
    if (n0 + i < p.n && w0 + lane < p.w)
      words[i][lane] = quantise4_at(p, x + plane_offset(p.from, n0 + i, c0, h, w0 + lane), c0);
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.y); i < kTurn; i += kTurnRows)
    if (n0 + lane < p.n && w0 + i < p.w)
      *reinterpret_cast<unsigned*>(y + element_offset(p.to, n0 + lane, c0, h, w0 + i)) =
          words[lane][i];
}

}  // namespace

void launch_convert_relayout(const ConvertRelayoutParams& params, const float* x, signed char* y,
                             cudaStream_t stream) {
  const long long count =
      static_cast<long long>(params.n) * (params.padded_c / 4) * params.h * params.w;
  const int rows = params.h * (params.padded_c / 4);
  if (count > 0 && params.images_inside && rows <= 65535) {
    const auto blocks = [](int extent) {
      return static_cast<unsigned>((extent + kTurn - 1) / kTurn);
    };
    const dim3 grid(blocks(params.w), static_cast<unsigned>(rows), blocks(params.n));
    launch_chained(convert_to_images, {grid, dim3(kTurn, kTurnRows)}, stream, params, x, y);
    return;
  }
  if (count > 0)
    launch_chained(convert_relayout, {element_blocks(count), kElementThreads}, stream, params, x,
                   y);
}

void launch_convert(const ConvertParams& params, const void* x, void* y, cudaStream_t stream) {
  if (params.count > 0)
    launch_chained(convert, {element_blocks(params.count), kElementThreads}, stream, params, x, y);
}

}  // namespace octet::cuda
