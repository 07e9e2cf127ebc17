// The numbers of the inverted residual block on Hopper.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/common/divisor.hpp"
#include "backends/cuda/conv/inverted/params.hpp"

namespace octet::cuda {

// Hidden channels of a slab, the rows of an expanding product; columns of a strip of the hidden
// map, two rows of it, the columns of one.
inline constexpr int kSlab = 64, kStrip = 16;
inline constexpr int kBlockWarpgroups = 4, kBlockWarps = 4 * kBlockWarpgroups;
// Packed filters of each of the three steps in shared memory: one is read, one on its way.
inline constexpr int kPieceSlots = 2;

// What a kernel is compiled for: the stride of the depthwise step; places for the columns of an
// output row; slabs of a chunk of hidden channels; strips of an expanding product, and how many
// such products a warpgroup makes of a chunk. Of the output a warpgroup has 64 positions, times n
// channels: `parts` warpgroups share positions and have other channels.
struct InvertedWgmmaShape {
  int stride, columns, slabs, strips, products, parts, n;

  constexpr int chunk() const { return slabs * kSlab; }
  constexpr int planes() const { return chunk() / 8; }
  // Positions, each an output pixel.
  constexpr int positions() const { return kBlockWarpgroups / parts * 64; }
  // With stride 1 a line of the hidden map, two rows, gives a pair of output rows; with 2, one.
  constexpr int line_rows() const { return stride == 1 ? 2 : 1; }
  constexpr int lines() const { return positions() / columns / line_rows(); }
  // Of 16 neighbouring columns, of all rows of a line; and how many of a pair of planes a warp has.
  constexpr int units() const { return positions() / 16 / line_rows(); }
  constexpr int units_of_warp() const { return units() * planes() / 2 / kBlockWarps; }
  constexpr int out_channels() const { return parts * n; }
  // Whether the last line may be half a line: masks for it cost others too much.
  constexpr bool odd_rows() const { return stride == 1 && columns == 8; }
  // Bytes of a chunk's packed filters: see pack_inverted_wgmma().
  constexpr int expand_bytes(int k_steps) const { return chunk() * (32 * k_steps + 16); }
  constexpr int depthwise_bytes() const { return chunk() * 16 + planes() * kInvertedConstants; }
  constexpr int project_bytes() const { return chunk() * out_channels(); }
  // The depthwise step's output: 16 bytes of each position for each pair of planes.
  constexpr int operand_bytes() const { return positions() * chunk(); }
};

struct InvertedWgmmaParams {
  const std::int8_t* x;
  const std::int8_t* z;  // null without a residual
  std::int8_t* y;
  const std::int8_t* filters;  // packed, a piece for each chunk
  // Of the canonical form: 1 / 128 of a hidden layer's last factor, that to the byte.
  float expand_factor, depthwise_factor;
  WgmmaConvParams project;  // the epilogue; m and bias are arrays by channel
  int channels, hidden, out_channels;
  int chunks, k_steps;  // of hidden channels; of 32 input channels
  int h, w, oh, ow;
  Divisor row;       // w
  int tiles, lines;  // of an image; lines that give a tile's output rows
  // In units of 16 bytes, which are 8 channels of a column's two rows.
  int pitch;              // from a line of the hidden tile to the next
  int column_plane;       // with stride 2 from the even columns to the odd ones
  int plane_bytes;        // of 8 hidden channels
  int spare;              // where a plane has a place for columns that there are not, in bytes
  int strips;             // of the hidden map, at most
  int input_plane_bytes;  // of 16 input channels
  int expand_bytes, piece_bytes;        // of the first filter of a chunk; of all three
  int hidden_at, operand_at, input_at;  // in shared memory
  int expand_at, depthwise_at, project_at, constants_at, table_at, barriers_at;
  int shared_bytes;
};

using InvertedWgmmaLaunch = void (*)(const InvertedWgmmaParams& params, int images,
                                     cudaStream_t stream);

// An entry is a row that is listed, tested and timed, and an inverted_wgmma_*.cu file of one line.
inline constexpr InvertedWgmmaShape kInvertedWgmmaShapes[] = {
    {1, 16, 1, 2, 1, 1, 64},  // 14x14
    {1, 16, 1, 2, 1, 1, 96},  // 14x14
    {2, 8, 2, 2, 2, 4, 48},   // 14x14
    {1, 8, 2, 1, 1, 4, 48},   // 7x7
    {1, 8, 2, 1, 1, 4, 80},   // 7x7
};

}  // namespace octet::cuda
