// The one canonical epilogue: from exact s32 sums to outputs (docs/numerics.md has the table).
//
// Every backend that computes integer sums itself gets its constants here and must perform the same
// binary32 operations in the same order, each rounded by itself (no contraction to FMA).
#pragma once

#include <cmath>
#include <vector>

#include "ops/conv.hpp"

namespace octet {

enum class Rounding : std::uint8_t { away, even };

// round half away = trunc(v +- 0.5f) in binary32; round half even = rint.
inline float round_half_away(float v) { return std::trunc(v + (v >= 0.0f ? 0.5f : -0.5f)); }
inline float round_by(Rounding rounding, float v) {
  return rounding == Rounding::away ? round_half_away(v) : std::nearbyint(v);
}
float activate(const Activation& activation, float v) noexcept;

// From a float to a stored integer. `multiply`: v * factor (factor = fl(1/s)); else v / factor.
struct Quantiser {
  float factor = 1.0f;
  bool multiply = true;
  Rounding rounding = Rounding::away;
  float lowest = -128.0f, highest = 127.0f;  // of the dtype
  std::int32_t zero_point = 0;

  static Quantiser make(const OutputSpec& output, QuantRule rule);
  // NaN becomes the lowest value.
  std::int32_t operator()(float v) const noexcept {
    const float scaled = multiply ? v * factor : v / factor;
    // The zero point is added after rounding, and the clamp comes last.
    const float q = round_by(rounding, scaled) + static_cast<float>(zero_point);
    if (!(q > lowest)) return static_cast<std::int32_t>(lowest);
    return static_cast<std::int32_t>(q < highest ? q : highest);
  }
};

// v = fl(fl(float(acc + ibias[k]) * m[k]) + fbias[k]); v = fl(v + fl(float(z - zz) * s_z));
// v = activation(v); y = quantise(v). `ibias` includes the correction for the zero point of x:
// acc is the plain sum of w * x over taps inside the image and of w * zx over taps in the padding.
struct Epilogue {
  std::vector<std::int32_t> ibias;  // per output channel
  std::vector<float> m, fbias;      // per output channel
  bool has_fbias = false;           // false: nothing is added at all (-0.0f stays)

  Activation activation;
  bool float_output = false;  // store v itself
  bool sum_output = false;    // store acc + ibias itself (s32 output)
  Quantiser quantiser;        // of the output

  bool has_z = false;
  ZRounding z_rounding = ZRounding::once;
  float z_scale = 1.0f;
  std::int32_t z_zero_point = 0;
  // Only with ZRounding::twice: the result before the addition.
  Activation mid_activation;
  Quantiser mid;
  float mid_scale = 1.0f;
};

// `bias` may be nullptr. `zero_point_sums` is sum over the filter of (w - zw) per output channel,
// or empty when x has zero point 0.
Epilogue make_epilogue(EpilogueRule rule, const Activation& activation, const OutputSpec& output,
                       std::int64_t channels, const Quant& x, const Quant& w, const ConstView* bias,
                       std::span<const std::int32_t> zero_point_sums);
// The same for a Conv2d, z included (`z` is nullptr when the node has none).
Epilogue make_epilogue(const Conv2d& op, std::int64_t channels, const Quant& x, const Quant& w,
                       const ConstView* bias, const Quant* z,
                       std::span<const std::int32_t> zero_point_sums);

// One output: acc of channel k, and z as stored (ignored without has_z). Integer outputs are
// returned as the integer's float value, which is exact for 8-bit types; sum_output is not for
// here.
float apply(const Epilogue& epilogue, std::int32_t acc, std::size_t k, std::int32_t z) noexcept;

}  // namespace octet
