#include "backends/cpu/transpose.hpp"

#include <emmintrin.h>

#include <algorithm>
#include <cstring>

namespace octet::cpu {
namespace {

constexpr std::int64_t kBlock = 16;

// Four rounds of interleaving row i with row i + 8 turn a 16 x 16 block of bytes.
void transpose_block(const std::byte* from, std::ptrdiff_t from_stride, std::byte* to,
                     std::ptrdiff_t to_stride) {
  __m128i a[kBlock], b[kBlock];
  for (std::int64_t i = 0; i < kBlock; ++i)
    a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_stride));
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t i = 0; i < kBlock / 2; ++i) {
      b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + kBlock / 2]);
      b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + kBlock / 2]);
    }
    for (std::int64_t i = 0; i < kBlock / 2; ++i) {
      a[2 * i] = _mm_unpacklo_epi8(b[i], b[i + kBlock / 2]);
      a[2 * i + 1] = _mm_unpackhi_epi8(b[i], b[i + kBlock / 2]);
    }
  }
  for (std::int64_t i = 0; i < kBlock; ++i)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * to_stride), a[i]);
}

template <typename T>
void transpose_plain(const std::byte* from, std::ptrdiff_t from_stride, std::int64_t rows,
                     std::int64_t columns, std::byte* to, std::ptrdiff_t to_stride) {
  for (std::int64_t column = 0; column < columns; ++column) {
    const std::byte* x = from + column * std::int64_t{sizeof(T)};
    std::byte* y = to + column * to_stride;
    for (std::int64_t row = 0; row < rows; ++row)
      std::memcpy(y + row * std::int64_t{sizeof(T)}, x + row * from_stride, sizeof(T));
  }
}

void transpose_bytes(const std::byte* from, std::ptrdiff_t from_stride, std::int64_t rows,
                     std::int64_t columns, std::byte* to, std::ptrdiff_t to_stride) {
  for (std::int64_t column = 0; column < columns; column += kBlock)
    for (std::int64_t row = 0; row < rows; row += kBlock) {
      const std::byte* x = from + row * from_stride + column;
      std::byte* y = to + column * to_stride + row;
      const std::int64_t height = std::min(kBlock, rows - row);
      const std::int64_t width = std::min(kBlock, columns - column);
      if (height == kBlock && width == kBlock) transpose_block(x, from_stride, y, to_stride);
      else transpose_plain<std::uint8_t>(x, from_stride, height, width, y, to_stride);
    }
}

}  // namespace

void transpose(const std::byte* from, std::ptrdiff_t from_stride, std::int64_t rows,
               std::int64_t columns, std::size_t size, std::byte* to, std::ptrdiff_t to_stride) {
  if (size == 1) return transpose_bytes(from, from_stride, rows, columns, to, to_stride);
  // Blocks of columns keep the rows' cache lines in use until they have been read whole.
  for (std::int64_t column = 0; column < columns; column += kBlock)
    transpose_plain<std::uint32_t>(from + column * 4, from_stride, rows,
                                   std::min(kBlock, columns - column), to + column * to_stride,
                                   to_stride);
}

}  // namespace octet::cpu
