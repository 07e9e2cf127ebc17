// Emulated products with the left operand in registers; see the header of the same name under src.
#pragma once

#include <cstring>

#include "backends/cuda/common/ptx_wgmma.cuh"

namespace octet::cuda {

// The left operand in registers: a[half + 2 * chunk] of the four lanes of a row are 16 bytes of it.
template <int N, bool Unsigned>
struct WgmmaRows {
  static void run(int (&d)[N / 2], const std::uint32_t (&a)[4], std::uint64_t b, int accumulate) {
    using B = std::conditional_t<Unsigned, std::uint8_t, std::int8_t>;
    const auto* lanes = octet::emulator::meet("wgmma", a, sizeof(a));
    const int first = octet::emulator::self().lane / 4 * 4;
    octet::emulator::Rows rows;
    for (int half = 0; half < 2; ++half)
      for (int k = 0; k < 8; ++k)
        std::memcpy(rows.bytes[half] + 4 * k, lanes[first + k % 4] + 4 * (half + 2 * (k / 4)), 4);
    emulate_wgmma<N, std::int8_t, B>(
        d, [rows] { return rows; }, b, accumulate);
  }
};

}  // namespace octet::cuda
