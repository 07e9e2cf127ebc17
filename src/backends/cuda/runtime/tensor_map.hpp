// Descriptors of tensors for Hopper's copy engine (TMA), made by the driver.
#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>

namespace octet::cuda {

// A map in device memory, 8-bit NHWC where nothing else is said.
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

// Loads boxes of `rows` x `columns` pixels x `channels` bytes of one image, swizzled alike; of each
// `step` pixels along rows and columns the first.
CUtensorMap encode_tiled(const void* base, const MapShape& shape, std::uint32_t rows,
                         std::uint32_t columns, std::uint32_t channels, std::uint32_t step = 1);

// A matrix of `rows` rows of `columns` bytes, one after the other: loads and stores boxes of
// box_rows x box_columns (32, 64 or 128), swizzled alike.
CUtensorMap encode_matrix(const void* base, std::uint64_t rows, std::uint64_t columns,
                          std::uint32_t box_rows, std::uint32_t box_columns);

// An NCHW map of f32 or bytes (`element` bytes each): loads boxes of `columns` elements of `rows`
// rows of `planes` channels. A box must begin at a multiple of 16 bytes along a row.
CUtensorMap encode_planes(const void* base, const MapShape& shape, std::uint32_t element,
                          std::uint32_t planes, std::uint32_t rows, std::uint32_t columns);

// A CHWN4 map, channels and images multiples of 4: boxes of `columns` pixels of a row x `words` of
// four channels x `images` (32: a swizzle span), whose corner is (image, word, column, row).
CUtensorMap encode_image_words(const void* base, const MapShape& shape, std::uint32_t images,
                               std::uint32_t words, std::uint32_t columns);

}  // namespace octet::cuda
