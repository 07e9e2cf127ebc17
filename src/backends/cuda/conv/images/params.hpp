// The numbers of the convolution over images.
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Images that lie next to each other in a swizzle span: 32 words of four channels.
inline constexpr int kSpanImages = 32;
// Input channels of a stage.
inline constexpr int kImagesDepth = 64;

// m rows of the product (a row is one image of one output pixel) x n output channels. A team of
// `groups` warpgroups shares a tile; `teams` tiles are in work at once.
struct ImagesTile {
  int m, n, groups, teams;

  constexpr int spans() const { return m / kSpanImages; }
};

inline constexpr ImagesTile kImagesTiles[] = {
    {128, 128, 1, 2},  // the common one: two tiles in turns
    {256, 128, 2, 1},  // deep sums: one tile an SM, less traffic
    {256, 64, 1, 2},   // few output channels
};

// The spans of a tile: `columns` neighbouring output pixels of a row, `blocks` spans of images.
struct ImagesSpans {
  int columns, blocks;
};

struct ImagesParams {
  WgmmaConvParams conv;  // the epilogue; m and bias by channel; `filter` as plan.hpp says
  ImagesSpans spans;
  int tiles_h, tiles_w, tiles_n;  // rows of the output, tiles of a row, of the images
  int loaded_columns;             // input pixels of a row that a stage holds
  int tap_bytes, span_bytes;      // from a tap to the next; of a stage's block of images
  int x_bytes, stage_bytes;       // of a stage: activations; all
};

// Boxes of 32 images x 4-channel words x pixels of a row.
struct ImagesMaps {
  CUtensorMap x;     // all of a block's pixels in a stage
  CUtensorMap y, z;  // one pixel, the channels of a tile
};

using ImagesLaunch = void (*)(const ImagesMaps& maps, const ImagesParams& params,
                              int multiprocessors, cudaStream_t stream);

// The compiled kernel for kImagesTiles[tile], or nullptr where this form is not built.
ImagesLaunch images_launch(const WgmmaForm& form, int tile);

}  // namespace octet::cuda
