// Four pixels of a picture's channel from f32 to bytes.
#pragma once

#include "backends/cuda/common/exact_divide.cuh"
#include "backends/cuda/common/exact_round.cuh"
#include "backends/cuda/common/quantise_bytes.cuh"
#include "backends/cuda/conv/stem/params.hpp"

namespace octet::cuda {

// The ONNX rule, in the low byte: half to even by an addition (exact_round.cuh). The clamp comes
// first, which is the same since its bounds are integers.
__device__ __forceinline__ int quantise_even(const QuantiserParams& q, float v) {
  const float x = exact_quotient(v, q.factor, q.reciprocal);
  const float clamped = fminf(fmaxf(x, q.lowest - q.zero_point), q.highest - q.zero_point);
  return byte_of_integer(clamped) + static_cast<int>(q.zero_point);
}

template <StemInput kInput>
__device__ __forceinline__ std::uint32_t quantise_quad(const QuantiserParams& q, float4 v) {
  if constexpr (kInput == StemInput::f32_mge) {
    const float values[4] = {v.x, v.y, v.z, v.w};
    float steps[4];
    // The maximum gives NaN the lowest integer; the saturating pack is the clamp.
#pragma unroll
    for (int i = 0; i < 4; ++i) steps[i] = fmaxf(__fmul_rn(values[i], q.factor), -200.0f);
    return round4(steps);
  } else {
    return pack_bytes(quantise_even(q, v.x), quantise_even(q, v.y), quantise_even(q, v.z),
                      quantise_even(q, v.w));
  }
}

}  // namespace octet::cuda
