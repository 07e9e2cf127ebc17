// The canonical epilogue for the Hopper kernels: constants in registers or shared memory, clamps
// that hold the activation, sixteen neighbouring channels of one pixel at a time.
#pragma once

#include "backends/cuda/common/exact_divide.cuh"
#include "backends/cuda/common/exact_round.cuh"
#include "backends/cuda/common/quantise_bytes.cuh"
#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// The step's integer without its zero point, as a float; the clamp comes first, which is the same
// since its bounds are integers. `kScaled` false: v is in steps already.
template <WgmmaRule kRule, bool kScaled = true>
__device__ __forceinline__ float round_step(const WgmmaStep& step, float v) {
  float x = v;
  if (kScaled)
    x = step.divide ? exact_quotient(v, step.factor, step.reciprocal) : __fmul_rn(v, step.factor);
  x = fminf(fmaxf(x, step.low), step.high);
  return kRule == WgmmaRule::onnx ? round_even(x) : round_half_away(x);
}

// The same with the zero point, in the low byte.
template <WgmmaRule kRule, bool kScaled>
__device__ __forceinline__ int finish_step(const WgmmaStep& step, float v) {
  return byte_of_integer(round_step<kRule, kScaled>(step, v)) + step.zero_point;
}

template <WgmmaRule kRule>
__device__ __forceinline__ float scale_sum(int acc, float m, int bias) {
  if constexpr (kRule == WgmmaRule::scaled_bias)
    return __fadd_rn(__fmul_rn(static_cast<float>(acc), m), __int_as_float(bias));
  else return __fmul_rn(static_cast<float>(acc + bias), m);
}

// From one sum to the integer that is stored, in the low byte: any zero points, clamps and
// roundings. By the ONNX rule the scaled sum is in steps already, so that only a sum with z, which
// is real, is divided.
template <WgmmaRule kRule, WgmmaZ kZ>
__device__ __forceinline__ int finish_sum(const WgmmaConvParams& p, int acc, float m, int bias,
                                          int z) {
  constexpr bool kSteps = kRule == WgmmaRule::onnx;
  float v = scale_sum<kRule>(acc, m, bias);
  if constexpr (kZ == WgmmaZ::twice)
    v = __fmul_rn(round_step<kRule, !kSteps>(p.mid, v), p.mid_scale);
  if constexpr (kZ != WgmmaZ::none)
    v = __fadd_rn(v, __fmul_rn(static_cast<float>(z - p.z_zero_point), p.z_scale));
  return finish_step < kRule, !kSteps || kZ == WgmmaZ::twice > (p.step, v);
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
  return relu_bytes(quantise4(v, p.step.factor), p.relu_mask);
}

// The same where a ReLU comes last, without slow conversions: see exact_round.cuh.
template <WgmmaRule kRule, WgmmaZ kZ>
__device__ __forceinline__ std::uint32_t finish4_relu(const WgmmaConvParams& p, const int (&acc)[4],
                                                      const float* m, const int* bias,
                                                      std::uint32_t z) {
  int q[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    float v = scale_sum<kRule>(acc[i], m[i], bias[i]);
    if constexpr (kZ == WgmmaZ::twice)
      v = __fmul_rn(round_s8(v, p.mid.factor * 0.0078125f), p.mid_scale);
    if constexpr (kZ != WgmmaZ::none) v = __fadd_rn(v, __fmul_rn(signed_byte(z, i), p.z_scale));
    q[i] = round_relu(v, p.step.factor * 0.0078125f);
  }
  return pack_saturated(q);
}

// residual.hpp's short form up to its last operation. z's bytes, counted from the lowest, are put
// where, as subnormal floats, they are multiples of 2^-133; `b` holds the power.
__device__ __forceinline__ float add_residual(const ResidualStep& step, float q,
                                              std::uint32_t from_lowest, int i) {
  const float u = __uint_as_float(__byte_perm(from_lowest, 0, 0x4044 | i << 8));
  return fma_saturated(q, step.a, __fmaf_rn(u, step.b, step.c));
}

// Four neighbouring channels with z, where residual.hpp's short form was proved: `mid` gives mid of
// each as that form counts it.
template <typename Mid>
__device__ __forceinline__ std::uint32_t finish4_residual(const ResidualStep& step,
                                                          std::uint32_t z_from_lowest, Mid mid) {
  int y[4];
#pragma unroll
  for (int i = 0; i < 4; ++i)
    y[i] = __float_as_int(
        __fmaf_rn(add_residual(step, mid(i), z_from_lowest, i), step.span, step.base));
  return pack_bytes(y[0], y[1], y[2], y[3]);
}

// mid by the canonical operations.
template <WgmmaRule kRule, bool kPlain>
__device__ __forceinline__ std::uint32_t finish4_proved(const WgmmaConvParams& p,
                                                        const int (&acc)[4], const float* m,
                                                        const int* bias, std::uint32_t z) {
  return finish4_residual(p.residual, z ^ p.z_flip, [&](int i) {
    const float v = scale_sum<kRule>(acc[i], m[i], bias[i]);
    return kPlain ? round_s8(v, p.mid.factor * 0.0078125f)
                  : round_step<kRule, kRule != WgmmaRule::onnx>(p.mid, v);
  });
}

// Four neighbouring channels where line.hpp's lines from zero were proved. With z, where the short
// form was proved as well, mid is rounded in its last place and clamped by what counts it; without,
// one conversion takes, rounds, saturates and packs two values.
template <WgmmaZ kZ>
__device__ __forceinline__ std::uint32_t finish4_from_zero(const WgmmaConvParams& p,
                                                           const int (&acc)[4], const float* a,
                                                           const int* b, std::uint32_t z) {
  float v[4];
#pragma unroll
  for (int i = 0; i < 4; ++i)
    v[i] = __fmaf_rn(static_cast<float>(acc[i]), a[i], __int_as_float(b[i]));
  if constexpr (kZ == WgmmaZ::twice) {
    const LineEnd& end = p.lines;
    return finish4_residual(end.residual, z ^ p.z_flip, [&](int i) {
      return fma_saturated(__fadd_rn(v[i], end.rounding), end.unit, end.start);
    });
  } else {
    int y[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) y[i] = __float2int_rn(v[i]);
    return relu_bytes(pack_saturated(y), p.relu_mask);
  }
}

// Four neighbouring channels where lines from the lowest were proved. A product with a multiple of
// the least subnormal is rounded to an integer, whose bits it is. With z, where residual.hpp's
// short form was proved as well, everything is so small that nothing above y's highest value is cut
// off before the pack does it.
template <WgmmaZ kZ>
__device__ __forceinline__ std::uint32_t finish4_from_lowest(const LineEnd& end,
                                                             const int (&acc)[4], const float* a,
                                                             const int* b,
                                                             std::uint32_t z_from_lowest) {
  int y[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    float s = fma_saturated(static_cast<float>(acc[i]), a[i], __int_as_float(b[i]));
    if constexpr (kZ == WgmmaZ::twice)
      s = add_residual(end.residual, __fmul_rn(s, end.mid), z_from_lowest, i);
    y[i] = __float_as_int(__fmul_rn(s, end.y));
  }
  if constexpr (kZ == WgmmaZ::twice) return pack_saturated(y);
  return pack_bytes(y[0], y[1], y[2], y[3]) ^ end.flip;
}

// The one sum of its channel that a line is wrong about becomes its neighbour.
__device__ __forceinline__ int add_exception(int sum, const int2& exception) {
  return sum == exception.x ? sum + exception.y : sum;
}

// Four neighbouring channels of a kernel G (rule, z, whether the form is plain). How values are
// finished: by the canonical operations, by those that suit a ReLU, by the short form of a residual
// addition, or by lines; from_lowest_but_one: of sums that met add_exception() before.
enum class Finish : int { canonical, relu, proved, from_lowest, from_lowest_but_one, from_zero };

template <typename G, Finish kFinish>
__device__ __forceinline__ std::uint32_t finish4(const WgmmaConvParams& p, const int (&sums)[4],
                                                 const float* m, const int* bias, std::uint32_t z) {
  if constexpr (kFinish == Finish::from_lowest || kFinish == Finish::from_lowest_but_one) {
    return finish4_from_lowest<G::kZ>(p.lines, sums, m, bias, z ^ p.z_flip);
  } else if constexpr (kFinish == Finish::from_zero) {
    return finish4_from_zero<G::kZ>(p, sums, m, bias, z);
  } else if constexpr (kFinish == Finish::proved) {
    return finish4_proved<G::kRule, G::kPlain>(p, sums, m, bias, z);
  } else if constexpr (kFinish == Finish::relu) {
    return finish4_relu<G::kRule, G::kZ>(p, sums, m, bias, z);
  } else if constexpr (G::kPlain) {
    return finish4_plain<G::kRule, G::kZ>(p, sums, m, bias, z);
  } else {
    int q[4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      q[i] = finish_sum<G::kRule, G::kZ>(p, sums[i], m[i], bias[i], byte_of(z, i, p.z_unsigned));
    return pack_bytes(q[0], q[1], q[2], q[3]);
  }
}

}  // namespace octet::cuda
