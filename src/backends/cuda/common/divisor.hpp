// Division by a number that a kernel is given.
#pragma once

#include <cstdint>

#include "base/device.hpp"

namespace octet::cuda {

// A number that others are divided by: numbers below 2^16, without a division.
struct Divisor {
  int value;
  unsigned reciprocal;  // 2^32 / value, rounded up; with 1 it is not used

  constexpr Divisor() : Divisor(1) {}
  explicit constexpr Divisor(int of)
      : value(of), reciprocal(of > 1 ? 0xFFFFFFFFu / static_cast<unsigned>(of) + 1 : 0) {}
};

OCTET_DEVICE inline int divide(int number, const Divisor& by) {
  const std::uint64_t product = static_cast<std::uint64_t>(number) * by.reciprocal;
  return by.value == 1 ? number : static_cast<int>(product >> 32);
}

}  // namespace octet::cuda
