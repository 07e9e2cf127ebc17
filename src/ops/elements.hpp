// Loops over elements whose type is known only at run time.
#pragma once

#include <limits>
#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include <type_traits>

#include "base/format.hpp"
#include "base/half.hpp"

namespace octet {

// The narrow floats as they lie in memory; arithmetic is that of binary32.
struct Binary16 {
  std::uint16_t bits = 0;
  Binary16() = default;
  explicit Binary16(float value) noexcept : bits(float_to_half(value)) {}
  operator float() const noexcept { return half_to_float(bits); }  // NOLINT: widening loses nothing
};
struct BFloat16 {
  std::uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(float value) noexcept : bits(float_to_bf16(value)) {}
  operator float() const noexcept { return bf16_to_float(bits); }  // NOLINT: widening loses nothing
};

// Calls f(std::type_identity<T>{}) with the C++ type that holds elements of a dtype. A boolean is a
// std::uint8_t of 0 or 1.
template <typename F>
decltype(auto) with_storage(DType dtype, F&& f) {
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
    case DType::u64: return f(std::type_identity<std::uint64_t>{});
  }
  throw Error(StatusCode::internal, concat("no storage for dtype ", static_cast<int>(dtype)));
}

// A real number as an element of a dtype: floats are rounded to nearest, integers truncated towards
// zero and saturated; NaN becomes the integer 0. T is the dtype's storage.
template <typename T>
T from_real(double value, DType dtype) noexcept {
  if constexpr (std::is_integral_v<T>) {
    const bool is_nibble = dtype == DType::s4 || dtype == DType::u4;
    using Limits = std::numeric_limits<T>;
    const IntegerRange range = integer_range(dtype);
    const T lowest = is_nibble ? static_cast<T>(range.lowest) : Limits::min();
    const T highest = is_nibble ? static_cast<T>(range.highest) : Limits::max();
    if (value != value) return T{0};
    if (value <= static_cast<double>(lowest)) return lowest;
    // The largest 64-bit integers round up to a power of two here, which is out of range itself.
    if (value >= static_cast<double>(highest)) return highest;
    return static_cast<T>(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return value;
  } else {
    return T(static_cast<float>(value));
  }
}

// An integer as an element of a dtype: integers keep their low bits, of which a nibble has four,
// a boolean becomes whether it is not 0, floats are rounded to nearest. T is the dtype's storage.
template <typename T, typename X>
T from_integer(X value, DType dtype) noexcept {
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

}  // namespace octet
