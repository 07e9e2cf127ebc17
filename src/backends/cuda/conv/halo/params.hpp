// The numbers of the halo-resident convolution.
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// Output pixels of a tile, enumerated in padded coordinates: position p is row p / (columns + 2),
// column p % (columns + 2), and the last two columns of a row are thrown away. So tap (r, s) of all
// positions is the same tile read r * (columns + 2) + s pixels further on.
struct HaloTile {
  int rows, columns;

  constexpr int padded_columns() const { return columns + 2; }
  // Up to the last position that is kept.
  constexpr int positions() const { return rows * padded_columns() - 2; }
};

struct HaloParams {
  WgmmaConvParams conv;  // the epilogue; m and bias by channel; `filter` as plan.hpp says
  HaloTile tile;
  int images, h, w;        // of x and y alike
  int tiles_h, tiles_w;    // of an image
  int blocks;              // of 64 output channels
  int x_planes, y_planes;  // of an image: runs of channels that are not next to each other
  int stages;              // of the ring
  int plane_bytes;         // of a stage's plane; what the copy engine brings of it
  int loaded_bytes;
  int stage_bytes;
  int slot_plane_bytes;  // of a tile's z and y, and eight pixels more
  int slot_bytes;
  int shared_bytes;  // of a block of threads
};

// An NCHW32 map is taken for an NHWC map of 32 channels with as many images as there are planes.
struct HaloMaps {
  CUtensorMap x;     // boxes of (rows + 2) x (columns + 2) pixels, the channels of a plane
  CUtensorMap y, z;  // boxes of rows x columns pixels, 64 channels or those of a plane
};

using HaloLaunch = void (*)(const HaloMaps& maps, const HaloParams& params, int multiprocessors,
                            cudaStream_t stream);

// A compiled shape: input channels (padded to a swizzle span), positions of a tile, consumer
// warpgroups, and groups of 8 positions that the epilogue takes at once.
struct HaloShape {
  int channels, positions, consumers, chunk_groups;

  constexpr int chunks() const { return (positions / 8 + chunk_groups - 1) / chunk_groups; }
  // Of four groups each, between registers and a slot.
  constexpr int moves() const { return (chunk_groups + 3) / 4; }
  constexpr int places() const { return chunks() * moves() * 32; }
  constexpr int filter_bytes() const { return 9 * 64 * channels; }
};

// With three warpgroups the registers of a thread hold the sums of no more than 192 positions; with
// 128 channels the products take long enough for two.
inline constexpr HaloShape kHaloShapes[] = {{64, 176, 3, 11}, {128, 208, 2, 9}};

// Bytes of a pixel in a plane in shared memory: of x, and of a slot's 64 channels.
constexpr int halo_span(const HaloShape& shape, ChannelRuns runs) {
  return runs == ChannelRuns::all ? shape.channels : 32;
}
constexpr int halo_slot_span(ChannelRuns runs) { return runs == ChannelRuns::all ? 64 : 32; }

// Barriers in shared memory.
constexpr int halo_barriers(const HaloShape& shape, WgmmaZ z, int stages) {
  return 2 * stages + 2 * shape.consumers * wgmma_slots(z) + 1;
}

// The compiled kernel for kHaloShapes[shape], or nullptr where this form is not built.
HaloLaunch halo_launch(const WgmmaForm& form, int shape, ChannelRuns runs);

}  // namespace octet::cuda
