// Rounding half away from zero without conversions to integers.
//
// F2I, FRND and I2F of a byte go through a unit that takes 16 values a clock and SM; additions,
// multiplications (128 a clock), I2FP and I2IP (64 a clock) do not (measured on H200). So rounding
// is an addition of 0.5 and a truncation by a sum or product that is rounded towards zero:
//   t = v * factor / 128               exactly fl(v * factor) / 128: a power of two
//   h = sat(t + 0.5 / 128)             exactly fl(x + 0.5) / 128, clamped to [0, 128] / 128
//   n = rz(h * 2^-142)                 128 * h in steps of the least subnormal: its bits are the
//                                      integer trunc(128 * h)
// Each step performs the canonical operation of ops/epilogue.hpp, scaled by a power of two.
#pragma once

#include "backends/cuda/common/ptx_float.cuh"

namespace octet::cuda {

inline constexpr float kUnitSteps = 8388608.0f;         // 2^23: from here to 2^24 neighbours differ
inline constexpr float kSignedUnitSteps = 12582912.0f;  // by 1; 1.5 * 2^23 leaves room both ways

// Of an integer |x| < 2^22: its low byte is that of the result.
__device__ __forceinline__ int byte_of_integer(float x) {
  return __float_as_int(__fadd_rn(x, kSignedUnitSteps));
}

// rintf() and round_away() of epilogue.cuh for |x| < 2^22.
__device__ __forceinline__ float round_even(float x) {
  return __fsub_rn(__fadd_rn(x, kSignedUnitSteps), kSignedUnitSteps);
}
__device__ __forceinline__ float round_half_away(float x) {
  const float whole = __fadd_rz(__fadd_rn(fabsf(x), 0.5f), kUnitSteps);
  return copysignf(__fsub_rn(whole, kUnitSteps), x);
}

// The step's integer clamped to [0, 128], that is, after a ReLU; `factor128` is factor / 128. The
// clamp to 127 is left to pack_saturated().
__device__ __forceinline__ int round_relu(float v, float factor128) {
  const float h = add_saturated(__fmul_rn(v, factor128), 0.5f / 128.0f);
  return __float_as_int(__fmul_rz(h, __int_as_float(0x80)));
}

// The step's integer clamped to [-128, 127], as a float (of a negative number that rounds to zero
// it is -0).
__device__ __forceinline__ float round_s8(float v, float factor128) {
  const float t = fminf(__fmul_rn(v, factor128), 127.0f / 128.0f);
  const float h = add_saturated(fabsf(t), 0.5f / 128.0f);
  return copysignf(__fsub_rn(__fmaf_rz(h, 128.0f, kUnitSteps), kUnitSteps), t);
}

}  // namespace octet::cuda
