// One block makes one line: its largest value, the sum of exponentials (in binary64, as the
// reference sums), the quotients. Bound by latency; lines are a few thousand values.
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/reduce/softmax.hpp"

namespace octet::cuda {
namespace {

constexpr int kThreads = 256;

template <typename T, typename Combine>
__device__ T reduce_block(T value, Combine combine) {
  __shared__ T partial[kThreads / 32];
#pragma unroll
  for (int step = 16; step > 0; step /= 2)
    value = combine(value, __shfl_xor_sync(~0u, value, step));
  __syncthreads();
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  value = partial[0];
  for (int i = 1; i < kThreads / 32; ++i) value = combine(value, partial[i]);
  return value;
}

__global__ void softmax(const float* x, float* y, int length, bool log) {
  begin_in_chain();
  x += static_cast<long long>(blockIdx.x) * length;
  y += static_cast<long long>(blockIdx.x) * length;
  float largest = -INFINITY;
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads)
    largest = fmaxf(largest, x[i]);
  largest = reduce_block(largest, [](float a, float b) { return fmaxf(a, b); });
  double sum = 0.0;
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads)
    sum += static_cast<double>(expf(x[i] - largest));
  sum = reduce_block(sum, [](double a, double b) { return a + b; });
  const float scale = log ? static_cast<float>(::log(sum)) : static_cast<float>(sum);
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads) {
    const float v = x[i] - largest;
    y[i] = log ? v - scale : __fdiv_rn(expf(v), scale);
  }
}

}  // namespace

void launch_softmax(const float* x, float* y, int lines, int length, bool log,
                    cudaStream_t stream) {
  if (lines > 0 && length > 0)
    launch_chained(softmax, {static_cast<unsigned>(lines), kThreads}, stream, x, y, length, log);
}

}  // namespace octet::cuda
