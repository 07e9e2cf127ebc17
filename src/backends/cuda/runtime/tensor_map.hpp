// Descriptors of tensors for Hopper's copy engine (TMA), made by the driver.
#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>

namespace octet::cuda {

// An 8-bit NHWC map in device memory.
struct MapShape {
  std::uint64_t n, h, w, c;
};

// Loads `pixels` output positions x `channels` bytes of one filter tap, swizzled over `channels`
// (32, 64 or 128) bytes. `lower` and `upper` are the corners of the box of first taps: -pad and
// pad - (filter - 1) * dilation, for (height, width). Throws Error(internal) when the driver
// refuses.
CUtensorMap encode_im2col(const void* base, const MapShape& shape, std::array<int, 2> lower,
                          std::array<int, 2> upper, std::array<std::uint32_t, 2> stride,
                          std::uint32_t channels, std::uint32_t pixels);

// Loads boxes of `rows` x `columns` pixels x `channels` bytes of one image, swizzled alike.
CUtensorMap encode_tiled(const void* base, const MapShape& shape, std::uint32_t rows,
                         std::uint32_t columns, std::uint32_t channels);

// A matrix of `rows` rows of `columns` bytes, one after the other: loads and stores boxes of
// box_rows x box_columns (32, 64 or 128), swizzled alike.
CUtensorMap encode_matrix(const void* base, std::uint64_t rows, std::uint64_t columns,
                          std::uint32_t box_rows, std::uint32_t box_columns);

}  // namespace octet::cuda
