// Averages of whole maps of bytes, 16 of whose channels lie side by side.
//
//   a thread: 4 neighbouring channels of an image, pixel by pixel: the order of a float average is
//   part of its bits
//
// The reads of kHeld pixels of a thread are under way together. Bound by memory.
#include <type_traits>

#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_bytes.cuh"
#include "backends/cuda/pool/window.cuh"

namespace octet::cuda {
namespace {

constexpr int kThreads = 64;

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

// kWhole: the pixels are a multiple of kHeld.
template <typename Sums, int kHeld, bool kWhole>
__global__ __launch_bounds__(kThreads) void whole_average(const __grid_constant__ PoolParams p,
                                                          const std::int8_t* x, std::int8_t* y) {
  begin_in_chain();
  const int c = static_cast<int>(blockIdx.x * kThreads + threadIdx.x) * 4;
  const int n = static_cast<int>(blockIdx.y), pixels = p.h * p.w;
  if (c >= p.c) return;
  const std::int8_t* from = x + element_offset(p.x, n, c, 0, 0);
  Sums sums(p);
  for (int first = 0; first < pixels; first += kHeld) {
    std::uint32_t held[kHeld];
#pragma unroll
    for (int i = 0; i < kHeld; ++i, from += p.x.w)  // a map's rows lie one behind the other
      if (kWhole || first + i < pixels) held[i] = *reinterpret_cast<const std::uint32_t*>(from);
#pragma unroll
    for (int i = 0; i < kHeld; ++i)
      if (kWhole || first + i < pixels) sums.add(held[i]);
  }
  int mean[4];
  sums.mean(pixels, p, mean);
  *reinterpret_cast<std::uint32_t*>(y + element_offset(p.y, n, c, 0, 0)) =
      pack_bytes(mean[0], mean[1], mean[2], mean[3]);
}

template <typename Sums>
void launch(const PoolParams& p, const std::int8_t* x, std::int8_t* y, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((p.c / 4 + kThreads - 1) / kThreads),
                  static_cast<unsigned>(p.n));
  // 7 x 7 is what networks end with.
  const bool sevens = p.h * p.w % 49 == 0;
  const auto kernel = sevens ? whole_average<Sums, 49, true> : whole_average<Sums, 32, false>;
  // Reads under way take room in L1, of which a convolution before has left little.
  cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                       cudaSharedmemCarveoutMaxL1);
  launch_chained(kernel, {grid, kThreads}, stream, p, x, y);
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
