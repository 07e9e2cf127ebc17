// Where wgmma finds a K-major operand in shared memory.
#pragma once

#include <cstdint>

namespace octet::cuda {

// The descriptor of a K-major tile whose rows are kRowBytes long (32, 64 or 128) and swizzled over
// that length; groups of 8 rows follow each other. It may start at any row.
template <int kRowBytes>
__device__ __forceinline__ std::uint64_t matrix_descriptor(std::uint32_t address) {
  static_assert(kRowBytes == 32 || kRowBytes == 64 || kRowBytes == 128, "a swizzle span");
  constexpr std::uint64_t kMode = kRowBytes == 128 ? 1 : kRowBytes == 64 ? 2 : 3;
  constexpr std::uint64_t kGroupStep = 8 * kRowBytes / 16;
  return static_cast<std::uint64_t>((address & 0x3FFFF) >> 4) | (std::uint64_t{1} << 16) |
         (kGroupStep << 32) | (kMode << 62);
}

// That of a tile without swizzle, in runs of 8 rows of 16 bytes. `chunk_step`: bytes from a row's
// first 16 bytes of K to its second; `group_step`: from 8 rows to the next 8. Chunks of
// neighbouring rows may overlap.
__device__ __forceinline__ std::uint64_t unswizzled_descriptor(std::uint32_t address,
                                                               int chunk_step, int group_step) {
  return static_cast<std::uint64_t>((address & 0x3FFFF) >> 4) |
         (static_cast<std::uint64_t>(chunk_step / 16) << 16) |
         (static_cast<std::uint64_t>(group_step / 16) << 32);
}

// The same, `bytes` (a multiple of 16) further on: one addition, where a new descriptor takes five
// operations of a unit that is slow beside a product.
__device__ __forceinline__ std::uint64_t descriptor_after(std::uint64_t descriptor,
                                                          std::uint32_t bytes) {
  const auto low = static_cast<std::uint32_t>(descriptor) + (bytes >> 4);
  return (descriptor & ~std::uint64_t{0xFFFFFFFF}) | low;
}

}  // namespace octet::cuda
