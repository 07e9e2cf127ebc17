// What a CUtensorMap says, and the copies that the copy engine makes by it.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>

namespace octet::emulator {

struct Block;

inline constexpr int kMostRank = 4;

struct TensorMap {
  std::byte* base;
  std::uint64_t strides[kMostRank];  // bytes; of the innermost dimension the element's
  std::uint32_t sizes[kMostRank];
  std::uint16_t box[kMostRank];  // tiled: elements that are copied
  std::uint8_t steps[kMostRank];
  std::int16_t lower[2], upper[2];      // im2col: corners (w, h)
  std::uint16_t channels, pixels;       // im2col
  std::uint8_t rank, element, swizzle;  // swizzle: bytes of the span, or 0
  bool im2col;
};
static_assert(sizeof(TensorMap) <= sizeof(CUtensorMap));

TensorMap tensor_map(const CUtensorMap& map);

// Where the byte at `address` of a swizzled tile lies: bits 4.. are exclusive-ored with bits 7...
inline std::uint32_t swizzled(std::uint32_t address, int span) {
  return span == 0 ? address
                   : address ^ ((address >> 7 & static_cast<std::uint32_t>(span / 16 - 1)) << 4);
}

// Between the map and shared memory at `address`; coordinates with the innermost first. Both return
// the number of bytes that were copied, zeros included.
int load_tile(const TensorMap& map, const Block& block, std::uint32_t address, const int* corner);
int load_im2col(const TensorMap& map, const Block& block, std::uint32_t address, const int* corner,
                int s, int r);
void store_tile(const TensorMap& map, const Block& block, std::uint32_t address, const int* corner);

}  // namespace octet::emulator
