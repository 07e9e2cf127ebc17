// The last step of everything that is quantised: a real number becomes a stored integer.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/device.hpp"

namespace octet {

enum class DType : std::uint8_t;
enum class QuantRule : std::uint8_t;
struct OutputSpec;

// away: trunc(v +- 0.5f), the sum rounded in binary32; even: rint; away_exactly: round.
enum class Rounding : std::uint8_t { away, even, away_exactly, towards_zero };

OCTET_DEVICE inline float round_half_away(float v) {
  return std::trunc(v + (v >= 0.0f ? 0.5f : -0.5f));
}
OCTET_DEVICE inline float round_by(Rounding rounding, float v) {
  if (rounding == Rounding::away) return round_half_away(v);
  if (rounding == Rounding::towards_zero) return std::trunc(v);
  return rounding == Rounding::even ? std::nearbyint(v) : std::round(v);
}

// From a float to a stored integer. `multiply`: v * factor (factor = fl(1/s)); else v / factor.
struct Quantiser {
  float factor = 1.0f;
  bool multiply = true;
  Rounding rounding = Rounding::away;
  float lowest = -128.0f, highest = 127.0f;  // of the dtype
  std::int32_t zero_point = 0;

  static Quantiser make(const OutputSpec& output, QuantRule rule);
  static Quantiser make(DType dtype, float scale, std::int32_t zero_point, QuantRule rule) noexcept;
  // NaN becomes the lowest value.
  OCTET_DEVICE std::int32_t operator()(float v) const noexcept {
    const float scaled = multiply ? v * factor : v / factor;
    // The zero point is added after rounding, and the clamp comes last.
    const float q = round_by(rounding, scaled) + static_cast<float>(zero_point);
    if (!(q > lowest)) return static_cast<std::int32_t>(lowest);
    return static_cast<std::int32_t>(q < highest ? q : highest);
  }
};

}  // namespace octet
