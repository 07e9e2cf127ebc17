// The numbers of the fused inverted residual block.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backends/cuda/common/divisor.hpp"
#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Hidden channels that are in work at once, and of them those that lie side by side.
inline constexpr int kInvertedChunk = 32, kInvertedGroup = 8;
inline constexpr int kInvertedGroups = kInvertedChunk / kInvertedGroup;
// Packed filters in shared memory: one is read, one about to be, one on its way.
inline constexpr int kInvertedSlots = 3;
// What a block notes about its tile.
inline constexpr int kInvertedTileBytes = 32;

// What a kernel is compiled for. So many `blocks` share a multiprocessor. The warps of a block are
// `teams` teams, which share the hidden channels. A warp has `units` units of 16 positions; a
// position is `rows` output pixels, one above the other, and n channels of each are summed. Without
// `expands` the hidden map is the input, and a warp has any number of units, `units` at once.
struct InvertedShape {
  bool expands;
  int blocks, stride, teams, warps, units, rows, n;

  constexpr int threads() const { return 32 * teams * warps; }
  constexpr int units_of_team() const { return warps * units; }
  // Output rows that read a line of the hidden tile, which is two rows, and the next line.
  constexpr int line_rows() const { return stride == 1 ? 2 : 1; }
  // Bytes of the packed filters of a chunk: see pack_inverted_filters().
  constexpr int depthwise_bytes() const { return kInvertedChunk * 16; }
  constexpr int project_bytes() const { return kInvertedChunk * n; }
  // Of all of it, where a chunk is made of so many times 32 values of K.
  constexpr int piece_bytes(int k_steps) const;
};

// How a hidden layer's sums become bytes: by the canonical operations, or as wgmma/bit_line.hpp has
// it where all hidden layers have that. Each shape is compiled with both.
enum class HiddenForm : int { canonical, bits };

// Bytes of what the sums of a product of 8 columns meet. A thread has two columns, and in each of
// two parts bytes of its own: 8 of what its sums begin from; then 16, m of both and bias of both,
// or a and b of their bits, as floats.
inline constexpr int kInvertedConstants = 4 * 8 + 4 * 16;

constexpr int InvertedShape::piece_bytes(int k_steps) const {
  const int layers = expands ? 2 : 1;
  return k_steps * 1024 + depthwise_bytes() + project_bytes() +
         layers * kInvertedGroups * kInvertedConstants;
}

struct InvertedParams {
  const std::int8_t* x;
  const std::int8_t* z;  // null without a residual
  std::int8_t* y;
  const std::int8_t* filters;  // packed, a piece for each chunk of hidden channels
  // Of the canonical form: 1 / 128 of a hidden layer's last factor, that to the byte.
  float expand_factor, depthwise_factor;
  WgmmaConvParams project;  // the epilogue; m and bias are arrays by channel
  int channels, hidden, out_channels;
  int chunks;   // of hidden channels
  int buffers;  // hidden tiles of a team
  int k_steps;  // of 32 input channels
  int h, w, oh, ow;
  Divisor row, line, eights;  // w, pitch, channels / 8
  int rows;                   // output rows of a tile, all columns of the image
  int tiles;                  // of an image
  // The hidden tile, in units of 16 bytes: two rows of a group's channels.
  int pitch;              // from a line of two rows to the next
  int column_plane;       // with stride 2 from the even columns to the odd ones
  int plane_bytes;        // of a group of channels
  int input_plane_bytes;  // of 16 input channels
  int piece_bytes;        // of the packed filters
  int table_bytes;        // of the places of pixels in planes
  int input_at, filters_at, tile_at, table_at, shared_bytes;
};

using InvertedLaunch = void (*)(const InvertedParams& params, int images, int most_shared_bytes,
                                cudaStream_t stream);

// An entry is a row that is listed, tested and timed, and an inverted_*.cu file of one line.
inline constexpr InvertedShape kInvertedShapes[] = {
    {false, 5, 1, 1, 4, 2, 2, 16},  // 112x112
    {true, 2, 2, 1, 8, 2, 1, 24},   // 112x112
    {true, 2, 1, 1, 8, 2, 2, 24},   // 56x56
    {true, 2, 2, 1, 8, 2, 1, 32},   // 56x56
    {true, 2, 1, 1, 8, 2, 2, 32},   // 28x28
    {true, 2, 2, 1, 8, 1, 1, 64},   // 28x28
    {true, 1, 1, 2, 8, 1, 2, 64},   // 14x14: two teams, since a map is few positions
    {true, 1, 1, 1, 16, 1, 1, 96},  // 14x14
    {true, 1, 2, 3, 4, 1, 1, 160},  // 14x14
    {true, 1, 1, 3, 4, 1, 1, 160},  // 7x7
};

}  // namespace octet::cuda
