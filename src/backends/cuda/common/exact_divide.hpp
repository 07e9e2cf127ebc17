// Division by a scale that is the same for all values, without a division.
//
// With r = fl(1 / d), each step of q += fl(x - q * d) * r (two fused operations) brings q nearer to
// x / d: fl(x * r) is within 2 ulp, one step gives one of the two floats around x / d, and the next
// the correctly rounded quotient (Markstein, "Computation of elementary functions on the IBM RISC
// System/6000 processor", 1990: where r is correctly rounded and q within one ulp). That
// needs remainders that are not subnormal, and nothing that overflows, so x is clamped first: what
// is quantised to a byte is saturated long before.
#pragma once

#include <cmath>

namespace octet::cuda {

inline constexpr float kMostQuotient = 1024.0f;

// r for exact_quotient(); 0 where that cannot be relied upon: the quotient is wanted beyond
// kMostQuotient, or the scale is out of the ordinary.
inline float exact_reciprocal(float scale, float lowest, float highest) {
  const bool bounded = lowest > -kMostQuotient && highest < kMostQuotient;
  const bool ordinary = scale > 0x1p-80f && scale < 0x1p80f;
  return bounded && ordinary ? 1.0f / scale : 0.0f;
}

}  // namespace octet::cuda
