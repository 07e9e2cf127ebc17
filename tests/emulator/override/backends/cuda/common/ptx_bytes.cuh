// Emulated instructions on four bytes in a word; see the header of the same name under src.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "emulator/language.hpp"

namespace octet::cuda {

template <bool kUnsigned>
int dot4(std::uint32_t x, std::uint32_t w, int sum) {
  using X = std::conditional_t<kUnsigned, std::uint8_t, std::int8_t>;
  return octet::emulator::dot4<X, std::int8_t>(x, w, sum);
}

inline std::uint32_t pack_saturated_2(int low, int next, std::uint32_t high) {
  const auto byte = [](int v) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(std::clamp(v, -128, 127)));
  };
  return high << 16 | byte(next) << 8 | byte(low);
}

inline std::uint32_t byte_signs(std::uint32_t word) {
  return octet::emulator::per_byte<std::int8_t>(word, 0,
                                                [](auto x, auto) { return x < 0 ? -1 : 0; });
}

}  // namespace octet::cuda
