// One block makes one line: its largest value, the sum of exponentials (in binary64, as the
// reference sums), the quotients. A thread keeps its values and then their exponentials in
// registers where the line is short enough, so that a line is read once, with all reads under way
// together. Bound by latency: of that read, of two exchanges between the warps, and of the launch.
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/reduce/softmax.hpp"

namespace octet::cuda {
namespace {

constexpr int kThreads = 256;

// Every thread gets the result. `partial` is this call's alone.
template <typename T, typename Combine>
__device__ T reduce_block(T value, T (&partial)[kThreads / 32], Combine combine) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2)
    value = combine(value, __shfl_xor_sync(~0u, value, step));
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  value = partial[0];
#pragma unroll
  for (int i = 1; i < kThreads / 32; ++i) value = combine(value, partial[i]);
  return value;
}

__device__ float largest_of_block(float value) {
  __shared__ float partial[kThreads / 32];
  return reduce_block(value, partial, [](float a, float b) { return fmaxf(a, b); });
}

__device__ double sum_of_block(double value) {
  __shared__ double partial[kThreads / 32];
  return reduce_block(value, partial, [](double a, double b) { return a + b; });
}

// The quotient, correctly rounded but for subnormal ones. The division itself takes a slow path for
// small exponentials, of which there are many in a line.
__device__ __forceinline__ float quotient(float e, float sum, float reciprocal) {
  const float q = __fmul_rn(e, reciprocal);
  return __fmaf_rn(__fmaf_rn(-q, sum, e), reciprocal, q);
}

// Lines of up to kEach values a thread.
template <int kEach, bool kLog>
__global__ __launch_bounds__(kThreads) void softmax_short(const float* x, float* y, int length) {
  begin_in_chain();
  const long long first = static_cast<long long>(blockIdx.x) * length;
  const int tid = static_cast<int>(threadIdx.x);
  float v[kEach];
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    const int i = tid + k * kThreads;
    v[k] = i < length ? x[first + i] : -INFINITY;
  }
  float largest = -INFINITY;
#pragma unroll
  for (int k = 0; k < kEach; ++k) largest = fmaxf(largest, v[k]);
  largest = largest_of_block(largest);
  double sum = 0.0;
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    if (tid + k * kThreads >= length) continue;
    v[k] = v[k] - largest;
    const float e = expf(v[k]);
    sum += static_cast<double>(e);
    if constexpr (!kLog) v[k] = e;
  }
  sum = sum_of_block(sum);
  const float scale = kLog ? static_cast<float>(::log(sum)) : static_cast<float>(sum);
  const float reciprocal = __fdiv_rn(1.0f, scale);
#pragma unroll
  for (int k = 0; k < kEach; ++k) {
    const int i = tid + k * kThreads;
    if (i < length) y[first + i] = kLog ? v[k] - scale : quotient(v[k], scale, reciprocal);
  }
}

// Lines of any length are read three times.
__global__ __launch_bounds__(kThreads) void softmax_long(const float* x, float* y, int length,
                                                         bool log) {
  begin_in_chain();
  x += static_cast<long long>(blockIdx.x) * length;
  y += static_cast<long long>(blockIdx.x) * length;
  float largest = -INFINITY;
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads)
    largest = fmaxf(largest, x[i]);
  largest = largest_of_block(largest);
  double sum = 0.0;
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads)
    sum += static_cast<double>(expf(x[i] - largest));
  sum = sum_of_block(sum);
  const float scale = log ? static_cast<float>(::log(sum)) : static_cast<float>(sum);
  const float reciprocal = __fdiv_rn(1.0f, scale);
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads) {
    const float v = x[i] - largest;
    y[i] = log ? v - scale : quotient(expf(v), scale, reciprocal);
  }
}

}  // namespace

void launch_softmax(const float* x, float* y, int lines, int length, bool log,
                    cudaStream_t stream) {
  if (lines == 0 || length == 0) return;
  const LaunchShape shape{static_cast<unsigned>(lines), kThreads};
  const auto launch = [&](auto kernel) { launch_chained(kernel, shape, stream, x, y, length); };
  if (length <= 4 * kThreads)
    return log ? launch(softmax_short<4, true>) : launch(softmax_short<4, false>);
  if (length <= 16 * kThreads)
    return log ? launch(softmax_short<16, true>) : launch(softmax_short<16, false>);
  launch_chained(softmax_long, shape, stream, x, y, length, log);
}

}  // namespace octet::cuda
