// The host side of the convolution over images: what it accepts, tiles, packed filters, expected
// times. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cuda/conv/images/params.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {

// Why a tile cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_images_conv(const Problem& problem, const ImagesTile& tile);

// The spans of a tile of so many that cover ow x n in the fewest tiles; of equally many the one
// with the most columns, whose pixels share the most.
ImagesSpans images_spans(int ow, int n, int spans);

// The channel of [word of 4][byte] that is the i-th of 32 in a product: see images.cuh.
int images_depth_channel(int i);
// The output channel, within a tile, of a row of the packed filter.
int images_output_channel(int row);

// [output tile][filter row][64 input channels][tap of the row][tile_n rows][64 bytes], swizzled,
// channels in the orders of the two functions above; zeros outside.
std::vector<std::int8_t> pack_images_filter(const Filter& filter, int tile_n);

// The kernel's numbers without the arrays and pointers.
ImagesParams images_params(const Problem& problem, const Epilogue& epilogue,
                           const ImagesTile& tile);

// Expected microseconds.
double estimate_images_conv(const Problem& problem, const ImagesTile& tile, int multiprocessors);

}  // namespace octet::cuda
