// The numbers of the kernel of a network's first layer with the block behind it.
#pragma once

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/conv/inverted/params.hpp"
#include "backends/cuda/conv/stem/params.hpp"

namespace octet::cuda {

// A pixel is four bytes in shared memory, the last of which counts for nothing; four pixels of a
// row of the filter are 16 of K, and its three rows are two steps of 32.
inline constexpr int kEntryPixelBytes = 4, kEntrySteps = 2;
// A line is two rows of the hidden map, which read the four rows of a group of the image and the
// last of the group before. Of both one is written while two are read: they take places in turns.
inline constexpr int kEntryGroupRows = 4, kEntryPlaces = 3;
// In front of a row's first pixel, so that four pixels are written at once.
inline constexpr int kEntryMargin = 4;

// What a kernel is compiled for. So many blocks of so many warps share a multiprocessor. A warp has
// so many units of 16 columns of the hidden map.
struct EntryShape {
  int blocks, warps, units;

  constexpr int threads() const { return 32 * warps; }
  // Of the image. A thread has so many times four of a group of four rows.
  constexpr int columns() const { return threads() * units; }
  // What reduces the hidden map: stride 1, two rows at once, 16 output channels.
  constexpr InvertedShape block() const { return {true, blocks, 1, 1, warps, units, 2, 16}; }
};

struct EntryParams {
  InvertedParams block;  // h, w, oh and ow are those of the hidden map; `x` is not used
  const void* x;
  QuantiserParams quantiser;  // of an f32 input
  std::uint32_t padding;      // four bytes of the input's zero point
  int channels, h, w;         // of the image
  int planes_at[3];           // bytes from the image to a channel; where there is none, to the last
  int pad_top;
  Divisor quads;      // of four pixels, of a row
  int units;          // of 16 columns of the hidden map
  int all_lines;      // of the output, of two rows
  int lines, blocks;  // lines of a block; blocks of an image
  int row_bytes;      // of an image's row in shared memory
  int raw_bytes;      // of a channel of a group that is on its way
  int rows_at, raw_at;
};

using EntryLaunch = void (*)(const EntryParams& params, int images, int most_shared_bytes,
                             cudaStream_t stream);

// An entry is a row that is listed, tested and timed, and an entry_*.cu file of one line for each
// kind of input.
inline constexpr EntryShape kEntryShapes[] = {{4, 4, 2}};

}  // namespace octet::cuda
