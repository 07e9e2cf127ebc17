// How an element lies in memory and what number it stands for, for one element at a time.
//
// T is float, double, std::int64_t or std::uint64_t; every dtype converts exactly to the one that
// arithmetic_of() names for it.
#pragma once

#include "ops/elements.hpp"
#include "ops/quantiser.hpp"

namespace octet {

enum class Arithmetic : std::uint8_t { binary32, binary64, integer, unsigned64 };

// f64 needs binary64, u64 its own, every other integer and boolean std::int64_t.
Arithmetic arithmetic_of(DType dtype) noexcept;

// Calls f(T{}) with the type behind an Arithmetic.
template <typename F>
decltype(auto) with_arithmetic(Arithmetic arithmetic, F&& f) {
  switch (arithmetic) {
    case Arithmetic::binary32: return f(float{});
    case Arithmetic::binary64: return f(double{});
    case Arithmetic::integer: return f(std::int64_t{});
    default: return f(std::uint64_t{});
  }
}

struct ElementFormat {
  DType dtype = DType::f32;
  bool quantised = false;  // with one scale
  std::int32_t zero_point = 0;
  float scale = 1.0f;
  Quantiser quantiser;  // how floats are written, where it is quantised

  // `rule` is how floats become quantised integers.
  static ElementFormat of(const TensorType& type, QuantRule rule);
};

// A quantised element becomes fl(float(q - z) * s) when T is a float, q - z when it is an integer.
template <typename T, typename Stored>
OCTET_DEVICE T to_number(const ElementFormat& format, Stored value) noexcept {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(value) - static_cast<T>(format.zero_point);
  else if (format.quantised)
    return static_cast<T>(static_cast<float>(static_cast<std::int64_t>(value) - format.zero_point) *
                          format.scale);
  else return static_cast<T>(value);
}

// An integer T gets the zero point of a quantised element added and then wraps around, or with
// `saturates` is clamped. Floats become quantised by the rule, plain integers truncated and clamped
// (NaN the lowest), and boolean what differs from 0.
template <typename Stored, typename T>
OCTET_DEVICE Stored to_stored(const ElementFormat& format, T value, bool saturates) noexcept {
  if constexpr (std::is_integral_v<T>) {
    const T stored = value + static_cast<T>(format.zero_point);
    if (saturates) return saturate<Stored>(static_cast<std::int64_t>(stored), format.dtype);
    return from_integer<Stored>(stored, format.dtype);
  } else {
    if (format.quantised)
      return from_integer<Stored>(format.quantiser(static_cast<float>(value)), format.dtype);
    if (format.dtype == DType::boolean)
      return from_integer<Stored>(value != T{0} ? 1 : 0, format.dtype);
    if constexpr (std::is_same_v<Stored, T>) return value;
    else return from_real<Stored>(static_cast<double>(value), format.dtype);
  }
}

}  // namespace octet
