// Element types that resampling can interpolate, and how an interpolated float is stored.
#pragma once

#include <limits>
#include <octet/tensor.hpp>
#include <string_view>
#include <type_traits>

#include "ops/quantiser.hpp"

namespace octet {

// Throws Error(unsupported) unless the type is f32, s8 or u8, of one scale where quantised. The
// stored integers themselves are interpolated: the weights add up to 1, so scale and zero point
// stay.
void require_interpolable(const TensorType& x, std::string_view what);

// Calls f with a value of the C++ type of an interpolable dtype.
template <typename F>
OCTET_DEVICE void with_sample_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::f32: return f(float{});
    case DType::s8: return f(std::int8_t{});
    default: return f(std::uint8_t{});
  }
}

// A value times its weight along each axis, weight(0) being that of the outermost. MegEngine
// multiplies the weights to the value one after the other; ONNX Runtime, innermost first, with each
// other and then with the value. At most kMost axes.
enum class WeightOrder : std::uint8_t { value_first, weights_first };

template <int kMost, typename Weight>  // int -> float
OCTET_DEVICE float weigh(WeightOrder order, float value, int axes, const Weight& weight) {
  if (order == WeightOrder::value_first) {
    for (int axis = 0; axis < kMost; ++axis)
      if (axis < axes) value = value * weight(axis);
    return value;
  }
  float all = 1.0f;
  for (int axis = kMost - 1; axis >= 0; --axis)
    if (axis < axes) all = all * weight(axis);
  return all * value;
}

// How an interpolated float becomes a stored integer. What does not fit saturates, or `wraps`
// around.
struct SampleRounding {
  Rounding rounding = Rounding::away;
  bool wraps = false;
};

template <typename T>
OCTET_DEVICE T to_sample(float v, SampleRounding rule) {
  if constexpr (std::is_same_v<T, float>) {
    return v;
  } else {
    using Limits = std::numeric_limits<T>;
    const float rounded = round_by(rule.rounding, v);
    if (rule.wraps) return static_cast<T>(static_cast<int>(rounded));
    if (!(rounded > static_cast<float>(Limits::lowest()))) return Limits::lowest();
    const auto most = static_cast<float>(Limits::max());
    return static_cast<T>(rounded < most ? rounded : most);
  }
}

}  // namespace octet
