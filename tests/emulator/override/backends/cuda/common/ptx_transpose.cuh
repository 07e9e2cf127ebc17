// Matrices between a warp and shared memory, emulated; see the header of the same name under src.
#pragma once

#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"

namespace octet::cuda {

inline void load_matrix_trans_x4(std::uint32_t (&r)[4], std::uint32_t from) {
  const auto* lanes = octet::emulator::meet("ldmatrix.trans", &from, sizeof(from));
  const int lane = octet::emulator::self().lane, i = lane / 4;
  for (int k = 0; k < 4; ++k)
    for (int half = 0; half < 2; ++half) {
      std::uint32_t address;
      std::memcpy(&address, lanes[8 * k + 2 * (lane % 4) + half], sizeof(address));
      std::memcpy(reinterpret_cast<std::byte*>(&r[k]) + 2 * half,
                  octet::emulator::shared_at(address, 16) + 2 * i, 2);
    }
}

// The first kMatrices: the lanes beyond give no address.
template <int kMatrices>
void emulate_store_matrix_trans(std::uint32_t to, const std::uint32_t* r) {
  const auto* lanes = octet::emulator::meet("stmatrix.trans", r, kMatrices * sizeof(*r));
  const int lane = octet::emulator::self().lane, k = lane / 8, j = lane % 8;
  if (k >= kMatrices) return;
  if (to % 16 != 0) octet::emulator::fail("stmatrix to an address that is not a multiple of 16");
  std::byte* const row = octet::emulator::shared_at(to, 16);
  for (int i = 0; i < 8; ++i)
    std::memcpy(row + 2 * i, lanes[4 * i + j / 2] + 4 * k + 2 * (j % 2), 2);
}

inline void store_matrix_trans_x4(std::uint32_t to, const std::uint32_t (&r)[4]) {
  emulate_store_matrix_trans<4>(to, r);
}
inline void store_matrix_trans_x2(std::uint32_t to, std::uint32_t r0, std::uint32_t r1) {
  const std::uint32_t r[2] = {r0, r1};
  emulate_store_matrix_trans<2>(to, r);
}
inline void store_matrix_trans_x1(std::uint32_t to, std::uint32_t r) {
  emulate_store_matrix_trans<1>(to, &r);
}

}  // namespace octet::cuda
