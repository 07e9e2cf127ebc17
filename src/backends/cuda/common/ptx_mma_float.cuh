// Products of f32 by mma.sync, with a plain form for compute capability 7.5.
//
// The Tensor Cores take tf32, which has 11 bits of f32's 24. A value is split into high + low, both
// tf32; of the four products all but low * low, which is below 2^-22 of the whole, are summed. What
// the Tensor Cores add they truncate, so that long sums drift: make them of short ones. Infinity
// and what would round to it have no low part, and become NaN: see product/plain_sum.cuh.
#pragma once

#include <cstdint>

namespace octet::cuda {

// Of 7.5: `high` is the value itself. The Tensor Cores do not read the last 13 bits.
template <int kCount>
struct SplitFloats {
  std::uint32_t high[kCount], low[kCount];
};

template <int kCount>
__device__ __forceinline__ void split(SplitFloats<kCount>& to, const float (&v)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    to.high[i] = __float_as_uint(v[i]);
#if __CUDA_ARCH__ >= 800
    to.high[i] += 0x1000;  // rounds half away
    to.low[i] = __float_as_uint(__fsub_rn(v[i], __uint_as_float(to.high[i] & 0xffffe000u)));
#endif
  }
}

#if __CUDA_ARCH__ >= 800
__device__ __forceinline__ void mma_16x8x8(float (&d)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif

// d (16 x 8) += a (16 x 8, row) * b (8 x 8, column), for each of kCount b; fragments as mma.sync
// has them: with g = lane / 4 and t = lane % 4
//   a: (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)       b: (t, g), (t + 4, g)
//   d: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
template <int kCount>
__device__ __forceinline__ void add_products_16x8x8(float (&d)[kCount][4], const SplitFloats<4>& a,
                                                    const SplitFloats<2> (&b)[kCount]) {
#if __CUDA_ARCH__ >= 800
#pragma unroll
  for (int i = 0; i < kCount; ++i) mma_16x8x8(d[i], a.low, b[i].high);
#pragma unroll
  for (int i = 0; i < kCount; ++i) mma_16x8x8(d[i], a.high, b[i].low);
#pragma unroll
  for (int i = 0; i < kCount; ++i) mma_16x8x8(d[i], a.high, b[i].high);
#else
  const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4, t = lane % 4;
  const auto from = [](std::uint32_t bits, int of_lane) {
    return __uint_as_float(__shfl_sync(~0u, bits, of_lane));
  };
#pragma unroll
  for (int half = 0; half < 2; ++half)
#pragma unroll 1  // registers are scarce
    for (int k = 0; k < 4; ++k) {
      const float a0 = from(a.high[2 * half], 4 * g + k);
      const float a1 = from(a.high[2 * half + 1], 4 * g + k);
#pragma unroll
      for (int i = 0; i < kCount; ++i) {
        const float b0 = from(b[i].high[half], 8 * t + k);
        const float b1 = from(b[i].high[half], 8 * t + 4 + k);
        d[i][0] = __fmaf_rn(a0, b0, d[i][0]);
        d[i][1] = __fmaf_rn(a0, b1, d[i][1]);
        d[i][2] = __fmaf_rn(a1, b0, d[i][2]);
        d[i][3] = __fmaf_rn(a1, b1, d[i][3]);
      }
    }
#endif
}

}  // namespace octet::cuda
