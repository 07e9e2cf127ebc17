// Loops over elements whose type is known only at run time.
#pragma once

#include <cmath>
#include <limits>
#include <octet/tensor.hpp>
#include <type_traits>

#include "base/half.hpp"

namespace octet {

// The narrow floats as they lie in memory; arithmetic is that of binary32.
struct Binary16 {
  std::uint16_t bits = 0;
  Binary16() = default;
  OCTET_DEVICE explicit Binary16(float value) noexcept : bits(float_to_half(value)) {}
  OCTET_DEVICE operator float() const noexcept {
    return half_to_float(bits);
  }  // NOLINT: widening loses nothing
};
struct BFloat16 {
  std::uint16_t bits = 0;
  BFloat16() = default;
  OCTET_DEVICE explicit BFloat16(float value) noexcept : bits(float_to_bf16(value)) {}
  OCTET_DEVICE operator float() const noexcept {
    return bf16_to_float(bits);
  }  // NOLINT: widening loses nothing
};

// Calls f(std::type_identity<T>{}) with the C++ type that holds elements of a dtype. A boolean is a
// std::uint8_t of 0 or 1.
template <typename F>
OCTET_DEVICE decltype(auto) with_storage(DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32: return f(std::type_identity<float>{});
    case DType::f64: return f(std::type_identity<double>{});
    case DType::f16: return f(std::type_identity<Binary16>{});
    case DType::bf16: return f(std::type_identity<BFloat16>{});
    case DType::s4:
    case DType::s8: return f(std::type_identity<std::int8_t>{});
    case DType::u4:
    case DType::boolean:
    case DType::u8: return f(std::type_identity<std::uint8_t>{});
    case DType::s16: return f(std::type_identity<std::int16_t>{});
    case DType::u16: return f(std::type_identity<std::uint16_t>{});
    case DType::s32: return f(std::type_identity<std::int32_t>{});
    case DType::u32: return f(std::type_identity<std::uint32_t>{});
    case DType::s64: return f(std::type_identity<std::int64_t>{});
    default: return f(std::type_identity<std::uint64_t>{});
  }
}

// An integer as an element of a dtype: integers keep their low bits, of which a nibble has four,
// a boolean becomes whether it is not 0, floats are rounded to nearest. T is the dtype's storage.
template <typename T, typename X>
OCTET_DEVICE T from_integer(X value, DType dtype) noexcept {
  if constexpr (std::is_integral_v<T>) {
    if (dtype == DType::boolean) return value != X{0} ? T{1} : T{0};
    const auto bits = static_cast<std::uint64_t>(value);
    if (dtype == DType::u4) return static_cast<T>(bits & 15u);
    if (dtype == DType::s4) return static_cast<T>(static_cast<std::int64_t>((bits & 15u) ^ 8u) - 8);
    return static_cast<T>(bits);
  } else if constexpr (sizeof(T) == 2) {
    return T(static_cast<float>(value));
  } else {
    return static_cast<T>(value);
  }
}

// A real number as an element of a dtype, as x86 casts it and so as the frameworks' CPUs do: floats
// are rounded to nearest; integers are truncated to s32 (u32 and the 64-bit types: to s64), whose
// lowest number also stands for what does not fit and for NaN, and keep their low bits.
template <typename T>
OCTET_DEVICE T from_real(double value, DType dtype) noexcept {
  if constexpr (std::is_integral_v<T>) {
    constexpr bool kIsNarrow =
        sizeof(T) < sizeof(std::int64_t) && !std::is_same_v<T, std::uint32_t>;
    using Wide = std::conditional_t<kIsNarrow, std::int32_t, std::int64_t>;
    constexpr Wide kLowest = std::numeric_limits<Wide>::min();
    constexpr double kBound = -static_cast<double>(kLowest);
    const double whole = std::trunc(value);
    if constexpr (std::is_same_v<T, std::uint64_t>)
      if (whole >= kBound && whole < 2.0 * kBound) return static_cast<T>(whole);
    const bool fits = whole >= -kBound && whole < kBound;
    return from_integer<T>(fits ? static_cast<Wide>(whole) : kLowest, dtype);
  } else if constexpr (std::is_same_v<T, double>) {
    return value;
  } else {
    return T(static_cast<float>(value));
  }
}

// An integer clamped to what a dtype holds.
template <typename T>
OCTET_DEVICE T saturate(std::int64_t value, DType dtype) noexcept {
  if constexpr (std::is_integral_v<T> && sizeof(T) < sizeof(std::int64_t)) {
    std::int64_t lowest = std::numeric_limits<T>::min(), highest = std::numeric_limits<T>::max();
    if (dtype == DType::s4) lowest = -8, highest = 7;
    if (dtype == DType::u4) highest = 15;
    return static_cast<T>(value < lowest ? lowest : value > highest ? highest : value);
  } else {
    return from_integer<T>(value, dtype);
  }
}

}  // namespace octet
