// Averages of whole maps of bytes, 16 of whose channels lie side by side.
//
//   a block: 256 channels of an image   pixels --16 bytes a copy--> shared memory [pixel][channel]
//   a thread: 4 neighbouring channels, pixel by pixel: the order of a float average is part of its
//   bits
//
// All copies of up to 64 pixels are under way together. They go past L1: reads under way take room
// there, of which a convolution before has left little. Bound by memory.
#include <type_traits>

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/pool/window.cuh"

namespace octet::cuda {
namespace {

constexpr int kThreads = 64, kChannels = 4 * kThreads;
constexpr int kPixels = 64;  // at a time
using StagedWords = std::uint32_t[kPixels][kThreads];

// Of four channels.
template <bool kUnsigned>
class IntegerSums {
 public:
  __device__ __forceinline__ explicit IntegerSums(const PoolParams&) {}

  __device__ __forceinline__ void add(std::uint32_t word) {
#pragma unroll
    for (int i = 0; i < 4; ++i) sums_[i] = dot4<kUnsigned>(word, 1u << (8 * i), sums_[i]);
  }
  __device__ __forceinline__ void mean(int pixels, const PoolParams&, int (&to)[4]) const {
#pragma unroll
    for (int i = 0; i < 4; ++i) to[i] = divide_half_away(sums_[i], pixels);
  }

 private:
  int sums_[4] = {};
};

template <bool kUnsigned>
class FloatSums {
 public:
  __device__ __forceinline__ explicit FloatSums(const PoolParams& p)
      : zero_(kUnitSteps + static_cast<float>((kUnsigned ? 0 : 128) + p.zero_point)),
        scale_(p.scale) {}

  // A byte from the lowest on becomes a float as the last of the mantissa of 2^23: conversions are
  // slow.
  __device__ __forceinline__ void add(std::uint32_t word) {
    const std::uint32_t from_lowest = kUnsigned ? word : word ^ 0x80808080u;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float q = __uint_as_float(__byte_perm(from_lowest, 0x4B000000u, 0x7440 | i));
      sums_[i] = __fadd_rn(sums_[i], __fmul_rn(__fsub_rn(q, zero_), scale_));
    }
  }
  __device__ __forceinline__ void mean(int pixels, const PoolParams& p, int (&to)[4]) const {
    float v[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) v[i] = __fdiv_rn(sums_[i], static_cast<float>(pixels));
    quantise(p.quantiser, v);
#pragma unroll
    for (int i = 0; i < 4; ++i) to[i] = static_cast<int>(v[i]);
  }

 private:
  float zero_, scale_, sums_[4] = {};
};

// Begins to copy `count` pixels. `x` is the block's first channel of the first of them.
__device__ __forceinline__ void copy_pixels(StagedWords& to, const std::int8_t* x,
                                            const PoolParams& p, int channels, int count) {
  constexpr int kChunks = kChannels / 16, kAtOnce = kThreads / kChunks;
  const int tid = static_cast<int>(threadIdx.x), channel = tid % kChunks * 16;
  if (channel >= channels) return;
  x += channel_offset(p.x, channel);
#pragma unroll
  for (int first = 0; first < kPixels; first += kAtOnce) {
    const int pixel = first + tid / kChunks;
    if (pixel < count)  // a map's rows lie one behind the other
      copy_async<16>(shared_address(&to[pixel][channel / 4]), x + pixel * p.x.w);
  }
}

template <typename Sums>
__global__ __launch_bounds__(kThreads) void whole_average(const __grid_constant__ PoolParams p,
                                                          const std::int8_t* x, std::int8_t* y) {
  begin_in_chain();
  auto& words = *reinterpret_cast<StagedWords*>(dynamic_shared_memory());
  const int tid = static_cast<int>(threadIdx.x), n = static_cast<int>(blockIdx.y);
  const int c0 = static_cast<int>(blockIdx.x) * kChannels, c = c0 + 4 * tid;
  const int pixels = p.h * p.w;
  x += element_offset(p.x, n, c0, 0, 0);
  Sums sums(p);
  for (int first = 0; first < pixels; first += kPixels) {
    const int count = min(kPixels, pixels - first);
    copy_pixels(words, x + first * p.x.w, p, p.c - c0, count);
    commit_copies();
    wait_copies<0>();
    __syncthreads();
#pragma unroll 8
    for (int i = 0; i < count; ++i) sums.add(words[i][tid]);
    __syncthreads();
  }
  if (c >= p.c) return;
  int mean[4];
  sums.mean(pixels, p, mean);
  *reinterpret_cast<std::uint32_t*>(y + element_offset(p.y, n, c, 0, 0)) =
      pack_bytes(mean[0], mean[1], mean[2], mean[3]);
}

template <typename Sums>
void launch(const PoolParams& p, const std::int8_t* x, std::int8_t* y, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((p.c + kChannels - 1) / kChannels),
                  static_cast<unsigned>(p.n));
  launch_chained(whole_average<Sums>, {grid, kThreads, sizeof(StagedWords)}, stream, p, x, y);
}

}  // namespace

void launch_whole_average(const PoolParams& p, const void* x, void* y, cudaStream_t stream) {
  if (p.n == 0 || p.c == 0) return;
  const auto launch_sums = [&](auto is_unsigned) {
    const auto* from = static_cast<const std::int8_t*>(x);
    auto* to = static_cast<std::int8_t*>(y);
    if (p.method == PoolParams::kIntegerAverage)
      launch<IntegerSums<is_unsigned>>(p, from, to, stream);
    else launch<FloatSums<is_unsigned>>(p, from, to, stream);
  };
  if (p.is_unsigned) launch_sums(std::true_type{});
  else launch_sums(std::false_type{});
}

}  // namespace octet::cuda
