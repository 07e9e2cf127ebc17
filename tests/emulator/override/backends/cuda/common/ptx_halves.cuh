// Emulated instructions on two 16-bit integers in a word; see the header of the same name under
// src.
#pragma once

#include <algorithm>
#include <cstdint>

namespace octet::cuda {

inline std::uint32_t pack_saturated_halves(int low, int high) {
  const auto half = [](int v) {
    return static_cast<std::uint32_t>(static_cast<std::uint16_t>(std::clamp(v, -32768, 32767)));
  };
  return half(high) << 16 | half(low);
}

}  // namespace octet::cuda
