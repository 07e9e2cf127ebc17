// The device's half of exact_divide.hpp.
#pragma once

#include "backends/cuda/common/exact_divide.hpp"

namespace octet::cuda {

// fl(x / scale), clamped to kMostQuotient either way (NaN gives the least); a `reciprocal` of 0
// asks for the division itself.
__device__ __forceinline__ float exact_quotient(float x, float scale, float reciprocal) {
  if (reciprocal == 0.0f) return __fdiv_rn(x, scale);
  const float most = __fmul_rn(scale, kMostQuotient);
  const float v = fminf(fmaxf(x, -most), most);
  float q = __fmul_rn(v, reciprocal);
#pragma unroll
  for (int step = 0; step < 2; ++step) q = __fmaf_rn(__fmaf_rn(-q, scale, v), reciprocal, q);
  return q;
}

}  // namespace octet::cuda
