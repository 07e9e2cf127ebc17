// The canonical epilogue on the device: the same binary32 operations in the same order as
// ops/epilogue.hpp. Compiled with -fmad=false; the intrinsics say the rounding all the same.
#pragma once

#include <cstdint>

#include "backends/cuda/common/epilogue_params.hpp"

namespace octet::cuda {

__device__ __forceinline__ float round_away(float v) {
  return truncf(__fadd_rn(v, copysignf(0.5f, v)));
}

__device__ __forceinline__ float activate(const ActivationParams& a, float v) {
  switch (a.kind) {
    case ActivationParams::kRelu: return fmaxf(v, 0.0f);
    case ActivationParams::kClip: return fminf(fmaxf(v, a.alpha), a.beta);
    case ActivationParams::kHSwish:
      return __fmul_rn(__fmul_rn(v, fminf(fmaxf(__fadd_rn(v, 3.0f), 0.0f), 6.0f)), 1.0f / 6.0f);
    case ActivationParams::kSigmoid: return __fdiv_rn(1.0f, __fadd_rn(1.0f, expf(-v)));
    case ActivationParams::kSilu: return __fdiv_rn(v, __fadd_rn(1.0f, expf(-v)));
    case ActivationParams::kLeakyRelu: return v >= 0.0f ? v : __fmul_rn(v, a.alpha);
    case ActivationParams::kTanh: return tanhf(v);
    default: return v;
  }
}

// The integer as a float, clamped to [lowest, highest] after the zero point was added.
__device__ __forceinline__ float quantise(const QuantiserParams& q, float v) {
  const float scaled = q.multiply ? __fmul_rn(v, q.factor) : __fdiv_rn(v, q.factor);
  const float rounded = q.rounding == QuantiserParams::kAway   ? round_away(scaled)
                        : q.rounding == QuantiserParams::kEven ? rintf(scaled)
                                                               : roundf(scaled);
  return fminf(fmaxf(__fadd_rn(rounded, q.zero_point), q.lowest), q.highest);
}

// From the accumulator of channel k and z as stored to the value that is stored (integers exact).
__device__ __forceinline__ float finish(const EpilogueParams& e, std::int32_t acc, int k, int z) {
  float v = __fmul_rn(static_cast<float>(acc + e.ibias[k]), e.m[k]);
  if (e.fbias != nullptr) v = __fadd_rn(v, e.fbias[k]);
  if (e.z_mode == EpilogueParams::kTwice)
    v = __fmul_rn(__fsub_rn(quantise(e.mid, activate(e.mid_activation, v)), e.mid.zero_point),
                  e.mid_scale);
  if (e.z_mode != EpilogueParams::kNone)
    v = __fadd_rn(v, __fmul_rn(static_cast<float>(z - e.z_zero_point), e.z_scale));
  v = activate(e.activation, v);
  return e.float_output ? v : quantise(e.quantiser, v);
}

}  // namespace octet::cuda
