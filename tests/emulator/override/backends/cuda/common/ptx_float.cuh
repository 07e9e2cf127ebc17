// Emulated float instructions that clamp their result; see the header of the same name under src.
#pragma once

#include <cmath>

namespace octet::cuda {

inline float emulated_saturation(float v) { return v > 0.0f ? (v < 1.0f ? v : 1.0f) : 0.0f; }
inline float add_saturated(float a, float b) { return emulated_saturation(a + b); }
inline float fma_saturated(float a, float b, float c) {
  return emulated_saturation(std::fma(a, b, c));
}

}  // namespace octet::cuda
