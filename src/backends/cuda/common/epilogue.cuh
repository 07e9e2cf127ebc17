// The canonical epilogue on the device: the same binary32 operations in the same order as
// ops/epilogue.hpp. Compiled with -fmad=false; the intrinsics say the rounding all the same.
#pragma once

#include <cstdint>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/exact_divide.cuh"
#include "backends/cuda/common/exact_round.cuh"
#include "backends/cuda/common/quantise_bytes.cuh"

namespace octet::cuda {

__device__ __forceinline__ float round_away(float v) {
  return truncf(__fadd_rn(v, copysignf(0.5f, v)));
}

// Applies `function` to N values. What is the same for all threads is asked once for all N.
template <int N, typename Function>
__device__ __forceinline__ void for_values(float (&v)[N], Function function) {
#pragma unroll
  for (int i = 0; i < N; ++i) v[i] = function(v[i]);
}

template <int N>
__device__ __forceinline__ void activate(const ActivationParams& a, float (&v)[N]) {
  switch (a.kind) {
    case ActivationParams::kRelu: return for_values(v, [](float x) { return fmaxf(x, 0.0f); });
    case ActivationParams::kClip:
      return for_values(v, [&](float x) { return fminf(fmaxf(x, a.alpha), a.beta); });
    case ActivationParams::kHSwish:
      return for_values(v, [](float x) {
        return __fmul_rn(__fmul_rn(x, fminf(fmaxf(__fadd_rn(x, 3.0f), 0.0f), 6.0f)), 1.0f / 6.0f);
      });
    case ActivationParams::kSigmoid:
      return for_values(v, [](float x) { return __fdiv_rn(1.0f, __fadd_rn(1.0f, expf(-x))); });
    case ActivationParams::kSilu:
      return for_values(v, [](float x) { return __fdiv_rn(x, __fadd_rn(1.0f, expf(-x))); });
    case ActivationParams::kLeakyRelu:
      return for_values(v, [&](float x) { return x >= 0.0f ? x : __fmul_rn(x, a.alpha); });
    case ActivationParams::kTanh: return for_values(v, [](float x) { return tanhf(x); });
    default: return;
  }
}

// The integers as floats, clamped to [lowest, highest] after the zero point was added.
template <int N>
__device__ __forceinline__ void quantise(const QuantiserParams& q, float (&v)[N]) {
  if (q.multiply) for_values(v, [&](float x) { return __fmul_rn(x, q.factor); });
  else for_values(v, [&](float x) { return exact_quotient(x, q.factor, q.reciprocal); });
  if (q.rounding == QuantiserParams::kAway) for_values(v, [](float x) { return round_away(x); });
  else if (q.rounding == QuantiserParams::kEven) for_values(v, [](float x) { return rintf(x); });
  else for_values(v, [](float x) { return roundf(x); });
  for_values(
      v, [&](float x) { return fminf(fmaxf(__fadd_rn(x, q.zero_point), q.lowest), q.highest); });
}

__device__ __forceinline__ float activate(const ActivationParams& a, float v) {
  float one[1] = {v};
  activate(a, one);
  return one[0];
}
__device__ __forceinline__ float quantise(const QuantiserParams& q, float v) {
  float one[1] = {v};
  quantise(q, one);
  return one[0];
}

// From sums that include ibias, and z as stored, to the values that are stored (integers exact).
template <int N>
__device__ __forceinline__ void finish_values(const EpilogueParams& e, const int (&sums)[N],
                                              const float (&m)[N], const float (&fbias)[N],
                                              const int (&z)[N], float (&v)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i)
    v[i] = __fadd_rn(__fmul_rn(static_cast<float>(sums[i]), m[i]), fbias[i]);
  if (e.z_mode == EpilogueParams::kTwice) {
    activate(e.mid_activation, v);
    quantise(e.mid, v);
    for_values(v, [&](float x) { return __fmul_rn(__fsub_rn(x, e.mid.zero_point), e.mid_scale); });
  }
  if (e.z_mode != EpilogueParams::kNone)
#pragma unroll
    for (int i = 0; i < N; ++i)
      v[i] = __fadd_rn(v[i], __fmul_rn(static_cast<float>(z[i] - e.z_zero_point), e.z_scale));
  activate(e.activation, v);
  if (!e.float_output) quantise(e.quantiser, v);
}

// The same for one accumulator of channel k.
__device__ __forceinline__ float finish(const EpilogueParams& e, std::int32_t acc, int k, int z) {
  const int sums[1] = {acc + e.ibias[k]}, zs[1] = {z};
  const float m[1] = {e.m[k]}, fbias[1] = {e.fbias[k]};
  float v[1];
  finish_values(e, sums, m, fbias, zs, v);
  return v[0];
}

// Byte i of a word of s8 whose signs are flipped, as a float, without a conversion: the byte
// becomes the last of the mantissa of 2^23.
__device__ __forceinline__ float byte_above_lowest(std::uint32_t word, int i) {
  return __fsub_rn(__uint_as_float(__byte_perm(word, 0x4B000000u, 0x7440 | i)), 8388736.0f);
}

// Four neighbouring channels of one pixel by the plain form (EpilogueParams::plain): about eight
// instructions a value, none of them a slow conversion where a ReLU comes last (exact_round.cuh).
// The saturating pack is the clamp of s8. The sums include ibias.
template <int kZMode>
__device__ __forceinline__ std::uint32_t finish4_plain(const EpilogueParams& e,
                                                       const int (&sums)[4], const float (&m)[4],
                                                       const float (&fbias)[4], std::uint32_t z) {
  float v[4];
#pragma unroll
  for (int i = 0; i < 4; ++i)
    v[i] = __fadd_rn(__fmul_rn(static_cast<float>(sums[i]), m[i]), fbias[i]);
  if constexpr (kZMode == EpilogueParams::kTwice)
    for_values(
        v, [&](float x) { return __fmul_rn(round_s8(x, e.mid.factor * 0.0078125f), e.mid_scale); });
  if constexpr (kZMode != EpilogueParams::kNone) {
    const std::uint32_t from_lowest = z ^ 0x80808080u;
#pragma unroll
    for (int i = 0; i < 4; ++i)
      v[i] = __fadd_rn(v[i], __fmul_rn(byte_above_lowest(from_lowest, i), e.z_scale));
  }
  if (e.relu_mask == 0) return quantise4(v, e.quantiser.factor);
  int q[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) q[i] = round_relu(v[i], e.quantiser.factor * 0.0078125f);
  return pack_saturated(q);
}

// The same for any form whose outputs are bytes. `z` holds four stored bytes.
__device__ __forceinline__ std::uint32_t finish4_any(const EpilogueParams& e, const int (&sums)[4],
                                                     const float (&m)[4], const float (&fbias)[4],
                                                     std::uint32_t z, bool z_unsigned) {
  const int zs[4] = {byte_of(z, 0, z_unsigned), byte_of(z, 1, z_unsigned),
                     byte_of(z, 2, z_unsigned), byte_of(z, 3, z_unsigned)};
  float v[4];
  finish_values(e, sums, m, fbias, zs, v);
  return pack_bytes(static_cast<int>(v[0]), static_cast<int>(v[1]), static_cast<int>(v[2]),
                    static_cast<int>(v[3]));
}

// Four channels by whichever form the parameters ask for; the branches are uniform.
__device__ __forceinline__ std::uint32_t finish4(const EpilogueParams& e, const int (&sums)[4],
                                                 const float (&m)[4], const float (&fbias)[4],
                                                 std::uint32_t z, bool z_unsigned) {
  if (e.plain && !z_unsigned) {
    if (e.z_mode == EpilogueParams::kNone)
      return finish4_plain<EpilogueParams::kNone>(e, sums, m, fbias, z);
    if (e.z_mode == EpilogueParams::kOnce)
      return finish4_plain<EpilogueParams::kOnce>(e, sums, m, fbias, z);
    return finish4_plain<EpilogueParams::kTwice>(e, sums, m, fbias, z);
  }
  return finish4_any(e, sums, m, fbias, z, z_unsigned);
}

// Four entries of a per-channel array; k is a multiple of 4.
__device__ __forceinline__ void load_channels(float (&to)[4], const float* from, int k) {
  const float4 v = __ldg(reinterpret_cast<const float4*>(from + k));
  to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
}
__device__ __forceinline__ void load_channels(int (&to)[4], const std::int32_t* from, int k) {
  const int4 v = __ldg(reinterpret_cast<const int4*>(from + k));
  to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
}

}  // namespace octet::cuda
