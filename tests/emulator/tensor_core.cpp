#include "emulator/tensor_core.hpp"

#include <cstring>

#include "emulator/tensor_map.hpp"

namespace octet::emulator {
namespace {

// The 16 bytes of a row from byte 16 * chunk of K on. The fields of a descriptor are in units of 16
// bytes; without swizzle a step of chunks is given, else rows are as long as the span.
const std::byte* chunk_of(const Block& block, std::uint64_t descriptor, int row, int chunk) {
  const auto field = [&](int bit) {
    return static_cast<std::uint32_t>(descriptor >> bit & 0x3FFF) << 4;
  };
  const int mode = static_cast<int>(descriptor >> 62);
  const std::uint32_t span = mode == 0 ? 0 : 256u >> mode;
  const auto r = static_cast<std::uint32_t>(row), c = static_cast<std::uint32_t>(chunk);
  const std::uint32_t in_group = r % 8 * (mode == 0 ? 16 : span) + c * (mode == 0 ? field(16) : 16);
  const std::uint32_t address = field(0) + r / 8 * field(32) + in_group;
  return shared_at(block, swizzled(address, static_cast<int>(span)), 16);
}

template <typename A, typename B>
std::uint32_t dot(const std::byte* a, const std::byte* b) {
  A va[16];
  B vb[16];
  std::memcpy(va, a, 16);
  std::memcpy(vb, b, 16);
  std::int32_t sum = 0;
  for (int i = 0; i < 16; ++i) sum += static_cast<std::int16_t>(va[i]) * vb[i];
  return static_cast<std::uint32_t>(sum);
}

}  // namespace

Rows rows_of(const Block& block, std::uint64_t descriptor, int row) {
  Rows rows;
  for (int half = 0; half < 2; ++half)
    for (int chunk = 0; chunk < 2; ++chunk)
      std::memcpy(rows.bytes[half] + 16 * chunk, chunk_of(block, descriptor, row + 8 * half, chunk),
                  16);
  return rows;
}

template <typename A, typename B>
void multiply(const Block& block, const Rows& rows, std::uint64_t descriptor, int column, int* sums,
              bool accumulate) {
  for (int e = 0; e < 2; ++e) {
    const std::byte* const chunks[2] = {chunk_of(block, descriptor, column + e, 0),
                                        chunk_of(block, descriptor, column + e, 1)};
    for (int half = 0; half < 2; ++half) {
      int& sum = sums[2 * half + e];
      const std::uint32_t before = accumulate ? static_cast<std::uint32_t>(sum) : 0;
      sum = static_cast<int>(before + dot<A, B>(rows.bytes[half], chunks[0]) +
                             dot<A, B>(rows.bytes[half] + 16, chunks[1]));
    }
  }
}

template void multiply<std::int8_t, std::int8_t>(const Block&, const Rows&, std::uint64_t, int,
                                                 int*, bool);
template void multiply<std::uint8_t, std::int8_t>(const Block&, const Rows&, std::uint64_t, int,
                                                  int*, bool);
template void multiply<std::int8_t, std::uint8_t>(const Block&, const Rows&, std::uint64_t, int,
                                                  int*, bool);

}  // namespace octet::emulator
