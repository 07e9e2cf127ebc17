// Depthwise convolutions of bytes: one input channel per output channel.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/common/strides.hpp"
#include "backends/cuda/conv/geometry.hpp"

namespace octet::cuda {

// What a thread makes: rows x columns output pixels of four channels, from `windows` groups of four
// neighbouring input columns.
struct DepthwiseTile {
  int r, s, stride;
  int rows, columns;
  constexpr int windows() const { return ((columns - 1) * stride + s + 3) / 4; }
  friend constexpr bool operator==(const DepthwiseTile&, const DepthwiseTile&) = default;
};

// Every filter that is compiled.
inline constexpr DepthwiseTile kDepthwiseTiles[] = {
    {3, 3, 1, 4, 2}, {3, 3, 2, 4, 1}, {5, 5, 1, 2, 4}, {5, 5, 2, 2, 1}};

struct DepthwiseParams {
  ConvGeometry g;
  bool images_first;  // neighbouring threads are images; else quads_inside channels, then columns
  int quads;          // groups of four channels, padded ones included
  int quads_inside;   // that lie side by side in a pixel
  Strides x, y;       // z lies as y
  int pad_word;       // the zero point of x, four times
  bool x_unsigned, z_unsigned;
  const uint4* filter;  // [row][window][column][quad], a word per channel: taps of four columns
  EpilogueParams epilogue;
};

void launch_depthwise_conv(const DepthwiseTile& tile, const DepthwiseParams& params, const void* x,
                           const void* z, void* y, cudaStream_t stream);

}  // namespace octet::cuda
