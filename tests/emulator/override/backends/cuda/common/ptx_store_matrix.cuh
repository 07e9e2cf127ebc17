// Matrices from a warp to shared memory, emulated; see the header of the same name under src.
#pragma once

#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"

namespace octet::cuda {

template <int kMatrices>
void emulate_store_matrix(std::uint32_t to, const std::uint32_t* r) {
  const auto* lanes = octet::emulator::meet("stmatrix", r, kMatrices * sizeof(*r));
  const int lane = octet::emulator::self().lane, k = lane / 8, i = lane % 8;
  if (k >= kMatrices) return;
  if (to % 16 != 0) octet::emulator::fail("stmatrix to an address that is not a multiple of 16");
  std::byte* const row = octet::emulator::shared_at(to, 16);
  for (int j = 0; j < 4; ++j) std::memcpy(row + 4 * j, lanes[4 * i + j] + 4 * k, 4);
}
inline void store_matrix_x4(std::uint32_t to, const std::uint32_t (&r)[4]) {
  emulate_store_matrix<4>(to, r);
}
inline void store_matrix_x2(std::uint32_t to, std::uint32_t r0, std::uint32_t r1) {
  const std::uint32_t r[2] = {r0, r1};
  emulate_store_matrix<2>(to, r);
}

}  // namespace octet::cuda
