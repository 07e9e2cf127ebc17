// The numbers of the fused inverted residual block.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Hidden channels that are in work at once.
inline constexpr int kInvertedChunk = 32;
// Products of 32 in K that make a depthwise sum: three columns of taps, two pairs of rows each.
inline constexpr int kInvertedTaps = 6;

// What a kernel is compiled for. The warpgroups of a block are `teams` teams of `groups`; a team
// takes a share of the hidden channels, a warpgroup of it `units` times 64 positions. A position is
// `rows` output pixels, one above the other, and n channels are stored of each.
struct InvertedShape {
  int teams, groups, units, rows, n;

  constexpr int threads() const { return 128 * teams * groups; }
  constexpr int positions() const { return 64 * groups * units; }
  // Of the packed filters: see pack_inverted_filters().
  constexpr int depthwise_bytes() const { return 2 * kInvertedTaps * 512 * rows; }
  constexpr int project_bytes() const { return kInvertedChunk * n; }
};

// Where the pixel of a hidden row and column lies, counted from the padded corner and in units of
// 16 bytes: rows, and columns with stride 2, are split by parity where a tap must step over one.
struct InvertedPlaces {
  int row_shift, column_shift;  // 1 where they are split
  int row_plane, column_plane;  // from the even ones to the odd ones
  int pitch;                    // from a row to the next of its parity
};

struct InvertedParams {
  const std::int8_t* x;
  const std::int8_t* z;  // null without a residual
  std::int8_t* y;
  const std::int8_t* filters;  // packed, a piece for each chunk of hidden channels
  // The steps from sums to bytes; of `project` m and bias are arrays by channel.
  WgmmaConvParams expand, depthwise, project;
  float expand_m, depthwise_m;
  int channels, hidden, out_channels;
  int chunks;   // of hidden channels
  int k_steps;  // of 32 input channels
  int h, w, oh, ow, stride;
  int rows;   // output rows of a tile, all columns of the image
  int tiles;  // of an image
  InvertedPlaces places;
  int taps[kInvertedTaps];  // of a position's first row of each pair of rows, in units of 16 bytes
  int pair_step;            // bytes from the first row of a pair to the second
  // Shared memory, in bytes.
  int plane_bytes;        // 16 hidden channels of a tile
  int input_plane_bytes;  // 16 input channels of a tile
  int piece_bytes;        // of the packed filters
  int slots;              // for pieces, of a team
  int input_at, filters_at, table_at, barriers_at;
  int shared_bytes;
};

using InvertedLaunch = void (*)(const InvertedParams& params, int images, cudaStream_t stream);

// An entry is a row that is listed, tested and timed, and an inverted_*.cu file of one line.
inline constexpr InvertedShape kInvertedShapes[] = {
    {1, 4, 2, 1, 32},   // stride 2
    {1, 4, 2, 2, 32},   // stride 1 of large maps
    {1, 4, 1, 1, 64},   // stride 2 to 14x14
    {1, 4, 1, 1, 96},   // 14x14 with many channels
    {2, 2, 1, 2, 64},   // 14x14: two teams, since a map is few positions
    {3, 1, 1, 1, 160},  // 7x7
};

}  // namespace octet::cuda
