// Products of 8-bit matrices in shared memory, as wgmma reads them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "emulator/machine.hpp"

namespace octet::emulator {

// Rows g and g + 8 of the left operand, 32 bytes of K each: those that a thread holds sums of.
struct Rows {
  std::byte bytes[2][32];
};

// From shared memory, by the descriptor of a K-major matrix.
Rows rows_of(const Block& block, std::uint64_t descriptor, int row);

// sums[2 * half + e] (+)= row `half` times column `column + e` of the matrix of the descriptor.
// A and B are std::int8_t or std::uint8_t.
template <typename A, typename B>
void multiply(const Block& block, const Rows& rows, std::uint64_t descriptor, int column, int* sums,
              bool accumulate);

}  // namespace octet::emulator
