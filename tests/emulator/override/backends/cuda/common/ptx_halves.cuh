// Emulated instructions on two 16-bit integers in a word; see the header of the same name under
// src.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"

namespace octet::cuda {

inline std::uint32_t pack_saturated_halves(int low, int high) {
  const auto half = [](int v) {
    return static_cast<std::uint32_t>(static_cast<std::uint16_t>(std::clamp(v, -32768, 32767)));
  };
  return half(high) << 16 | half(low);
}

inline std::uint32_t load_shared_2(std::uint32_t from) {
  std::uint16_t half;
  std::memcpy(&half, octet::emulator::shared_at(from, 2), 2);
  return half;
}
inline void store_shared_2(std::uint32_t to, std::uint32_t half) {
  std::memcpy(octet::emulator::shared_at(to, 2), &half, 2);
}

}  // namespace octet::cuda
