// Integer arithmetic on numbers that came from outside: overflow is an error, never a wrap.
#pragma once

#include <concepts>
#include <limits>
#include <octet/status.hpp>

namespace octet {

template <std::integral T>
T checked_add(T a, T b) {
  T out;
  if (__builtin_add_overflow(a, b, &out))
    throw Error(StatusCode::resource_exhausted, "a size overflows when added");
  return out;
}

template <std::integral T>
T checked_mul(T a, T b) {
  T out;
  if (__builtin_mul_overflow(a, b, &out))
    throw Error(StatusCode::resource_exhausted, "a size overflows when multiplied");
  return out;
}

// Converts between integer types; throws when the value does not fit.
template <std::integral To, std::integral From>
To checked_cast(From value) {
  const To out = static_cast<To>(value);
  if (static_cast<From>(out) != value || ((out < To{}) != (value < From{})))
    throw Error(StatusCode::resource_exhausted, "a number does not fit the type that holds it");
  return out;
}

}  // namespace octet
