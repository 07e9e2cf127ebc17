// Averages of whole maps of bytes, 16 of whose channels lie side by side.
//
//   a block: 64 channels of an image    pixels --16 bytes a thread--> shared memory
//   [pixel][channel] then a thread sums a channel, pixel by pixel: the order of a float average is
//   part of its bits
//
// All reads of up to 64 pixels are under way together; a direct kernel has as few threads as there
// are outputs, each waiting for its next pixels. Bound by memory.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/pool/window.cuh"

namespace octet::cuda {
namespace {

constexpr int kThreads = 128, kChannels = 64, kPixels = 64;    // kPixels at a time
constexpr int kVectors = kPixels * kChannels / 16 / kThreads;  // of 16 bytes, a thread

__global__ __launch_bounds__(kThreads) void whole_average(const __grid_constant__ PoolParams p,
                                                          const std::int8_t* x, std::int8_t* y) {
  begin_in_chain();
  __shared__ __align__(16) std::uint8_t bytes[kPixels][kChannels];
  const int tid = static_cast<int>(threadIdx.x), n = static_cast<int>(blockIdx.y);
  const int c0 = static_cast<int>(blockIdx.x) * kChannels, pixels = p.h * p.w;
  const int vectors = min(kChannels, p.c - c0) / 16;
  const bool sums_channel = tid < vectors * 16;
  int sum = 0;
  float real = 0.0f;
  for (int first = 0; first < pixels; first += kPixels) {
    const int count = min(kPixels, pixels - first);
    uint4 held[kVectors];
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      const int i = tid + v * kThreads, pixel = first + i / vectors, vector = i % vectors;
      if (i < count * vectors)
        held[v] = __ldg(reinterpret_cast<const uint4*>(
            x + element_offset(p.x, n, c0 + vector * 16, pixel / p.w, pixel % p.w)));
    }
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      const int i = tid + v * kThreads;
      if (i < count * vectors)
        *reinterpret_cast<uint4*>(&bytes[i / vectors][i % vectors * 16]) = held[v];
    }
    __syncthreads();
    if (sums_channel) {
#pragma unroll 8
      for (int i = 0; i < count; ++i) {
        const std::uint8_t byte = bytes[i][tid];
        const int q = p.is_unsigned ? static_cast<int>(byte) : static_cast<std::int8_t>(byte);
        if (p.method == PoolParams::kIntegerAverage) sum += q;
        else real = __fadd_rn(real, __fmul_rn(static_cast<float>(q - p.zero_point), p.scale));
      }
    }
    __syncthreads();
  }
  if (!sums_channel) return;
  const int mean =
      p.method == PoolParams::kIntegerAverage
          ? divide_half_away(sum, pixels)
          : static_cast<int>(quantise(p.quantiser, __fdiv_rn(real, static_cast<float>(pixels))));
  y[element_offset(p.y, n, c0 + tid, 0, 0)] = static_cast<std::int8_t>(mean);
}

}  // namespace

void launch_whole_average(const PoolParams& p, const void* x, void* y, cudaStream_t stream) {
  if (p.n == 0 || p.c == 0) return;
  const dim3 grid(static_cast<unsigned>((p.c + kChannels - 1) / kChannels),
                  static_cast<unsigned>(p.n));
  launch_chained(whole_average, {grid, kThreads}, stream, p, static_cast<const std::int8_t*>(x),
                 static_cast<std::int8_t*>(y));
}

}  // namespace octet::cuda
