// Matrices of bytes or 4-byte elements turned by their diagonal.
#pragma once

#include <cstddef>
#include <cstdint>

namespace octet::cpu {

// `from` has `rows` rows of `columns` elements of `size` (1 or 4) bytes; strides are in bytes.
void transpose(const std::byte* from, std::ptrdiff_t from_stride, std::int64_t rows,
               std::int64_t columns, std::size_t size, std::byte* to, std::ptrdiff_t to_stride);

}  // namespace octet::cpu
