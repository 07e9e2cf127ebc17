// The numbers of the depthwise convolutions on Tensor Cores.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/common/divisor.hpp"
#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// The channels of a product, and what a block has of them: a sector of memory.
inline constexpr int kDiagonalGroup = 16, kDiagonalGroups = 2;
inline constexpr int kDiagonalChunk = kDiagonalGroups * kDiagonalGroup;
// Warps of a block that share the positions of a group.
inline constexpr int kDiagonalWorkers = 4;
inline constexpr int kDiagonalThreads = 32 * kDiagonalGroups * kDiagonalWorkers;
// Units of 16 positions that a warp has in work at once, and the positions of all workers' units.
inline constexpr int kDiagonalAtOnce = 2;
inline constexpr int kDiagonalPositions = 16 * kDiagonalAtOnce * kDiagonalWorkers;
// Blocks on a multiprocessor, by their registers: the filter is held in them.
inline constexpr int kDiagonalBlocks = 2;

// A filter that is compiled.
struct DiagonalShape {
  int r, s, stride;

  constexpr int taps() const { return r * s; }
  // Products of 32 bytes of K, two taps of 16 channels, for a sum.
  constexpr int steps() const { return (taps() + 1) / 2; }
  friend constexpr bool operator==(const DiagonalShape&, const DiagonalShape&) = default;
};
inline constexpr DiagonalShape kDiagonalShapes[] = {{3, 3, 1}, {3, 3, 2}, {5, 5, 1}, {5, 5, 2}};

struct DiagonalParams {
  const std::int8_t* x;
  std::int8_t* y;
  const uint2* filter;   // [group of 16 channels][step][two products of 8 columns][lane]
  WgmmaConvParams conv;  // the epilogue; m and bias by channel
  int channels, images, h, w, oh, ow, pad_top, pad_left;
  // A tile: `tile_images` whole maps, or `rows` rows of outputs of one; the padded input lines that
  // it reads of each image, and the pixels of one.
  int tile_images, rows, lines, pitch;
  int tiles_of_image, tiles;
  int chunks;  // of 32 channels, the last perhaps half
  // The pixels that are copied for a tile, and the first of an image's lines that are: all, or with
  // whole images those inside.
  int copies, first_listed;
  Divisor of_row, of_image, of_width, of_listed;  // ow, rows * ow, w or less, lines that are copied
  int plane_bytes, buffer_bytes;                  // of 16 channels of a tile; of a tile
  int slot_plane_bytes, positions_bytes;          // of 16 channels of outputs; of their table
  int shared_bytes;
};

using DiagonalLaunch = void (*)(const DiagonalParams& params, int blocks, int most_shared_bytes,
                                cudaStream_t stream);

}  // namespace octet::cuda
