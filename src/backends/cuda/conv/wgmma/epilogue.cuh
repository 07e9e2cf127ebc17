// The canonical epilogue for the Hopper kernels: constants in registers or shared memory, clamps
// that hold the activation, sixteen neighbouring channels of one pixel at a time.
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Rounds v to the step's integers, as a float and before the zero point and the clamp.
template <WgmmaRule kRule>
__device__ __forceinline__ int round_step(const WgmmaStep& step, float v) {
  if constexpr (kRule == WgmmaRule::onnx) {
    const float x = step.divide ? __fdiv_rn(v, step.factor) : __fmul_rn(v, step.factor);
    return __float2int_rn(x);
  } else {
    const float x = __fmul_rn(v, step.factor);
    return __float2int_rz(__fadd_rn(x, copysignf(0.5f, x)));
  }
}

// The conversion saturates at +-2^31; the sum with a zero point must not wrap.
__device__ __forceinline__ int clamp_step(const WgmmaStep& step, int rounded) {
  const int q = min(max(rounded, -(1 << 30)), 1 << 30) + step.zero_point;
  return min(max(q, step.lowest), step.highest);
}

template <WgmmaRule kRule>
__device__ __forceinline__ float scale_sum(int acc, float m, int bias) {
  if constexpr (kRule == WgmmaRule::scaled_bias)
    return __fadd_rn(__fmul_rn(static_cast<float>(acc), m), __int_as_float(bias));
  else return __fmul_rn(static_cast<float>(acc + bias), m);
}

// From one sum to the integer that is stored: any zero points, clamps and roundings.
template <WgmmaRule kRule, WgmmaZ kZ>
__device__ __forceinline__ int finish_sum(const WgmmaConvParams& p, int acc, float m, int bias,
                                          int z) {
  float v = scale_sum<kRule>(acc, m, bias);
  if constexpr (kZ == WgmmaZ::twice) {
    const int mid = clamp_step(p.mid, round_step<kRule>(p.mid, v));
    v = __fmul_rn(static_cast<float>(mid - p.mid_zero_point), p.mid_scale);
  }
  if constexpr (kZ != WgmmaZ::none)
    v = __fadd_rn(v, __fmul_rn(static_cast<float>(z - p.z_zero_point), p.z_scale));
  return clamp_step(p.step, round_step<kRule>(p.step, v));
}

__device__ __forceinline__ std::uint32_t pack_bytes(int a, int b, int c, int d) {
  return __byte_perm(__byte_perm(static_cast<unsigned>(a), static_cast<unsigned>(b), 0x0040),
                     __byte_perm(static_cast<unsigned>(c), static_cast<unsigned>(d), 0x0040),
                     0x5410);
}

__device__ __forceinline__ int byte_of(std::uint32_t word, int i, bool is_unsigned) {
  const std::uint32_t byte = word >> (8 * i) & 0xff;
  return is_unsigned ? static_cast<int>(byte) : static_cast<int>(static_cast<std::int8_t>(byte));
}

// Four integers as bytes, saturated to s8.
__device__ __forceinline__ std::uint32_t pack_saturated(const int (&q)[4]) {
  std::uint32_t high, word;
  asm("cvt.pack.sat.s8.s32.b32 %0, %1, %2, 0;" : "=r"(high) : "r"(q[3]), "r"(q[2]));
  asm("cvt.pack.sat.s8.s32.b32 %0, %1, %2, %3;" : "=r"(word) : "r"(q[1]), "r"(q[0]), "r"(high));
  return word;
}

__device__ __forceinline__ float signed_byte(std::uint32_t word, int i) {
  return static_cast<float>(static_cast<std::int8_t>(word >> (8 * i)));
}

// Half away from zero and saturated to s8, four at a time.
__device__ __forceinline__ std::uint32_t quantise4(const float (&v)[4], float factor) {
  int q[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float x = __fmul_rn(v[i], factor);
    q[i] = __float2int_rz(__fadd_rn(x, copysignf(0.5f, x)));
  }
  return pack_saturated(q);
}

// finish_sum() for four neighbouring channels of the plain form. The saturating pack is the clamp
// of s8; a ReLU clears the bytes whose sign is set.
template <WgmmaRule kRule, WgmmaZ kZ>
__device__ __forceinline__ std::uint32_t finish4_plain(const WgmmaConvParams& p,
                                                       const int (&acc)[4], const float* m,
                                                       const int* bias, std::uint32_t z) {
  float v[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) v[i] = scale_sum<kRule>(acc[i], m[i], bias[i]);
  if constexpr (kZ == WgmmaZ::twice) {
    const std::uint32_t mid = quantise4(v, p.mid.factor);
#pragma unroll
    for (int i = 0; i < 4; ++i) v[i] = __fmul_rn(signed_byte(mid, i), p.mid_scale);
  }
  if constexpr (kZ != WgmmaZ::none) {
#pragma unroll
    for (int i = 0; i < 4; ++i) v[i] = __fadd_rn(v[i], __fmul_rn(signed_byte(z, i), p.z_scale));
  }
  const std::uint32_t word = quantise4(v, p.step.factor);
  // The instruction, since __byte_perm() cannot ask for copies of a sign.
  std::uint32_t signs;
  asm("prmt.b32 %0, %1, 0, 0xBA98;" : "=r"(signs) : "r"(word));
  return word & ~(signs & p.relu_mask);
}

}  // namespace octet::cuda
