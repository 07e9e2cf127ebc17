// The numbers of the halo-resident convolution.
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

// A square filter and its stride, the same along both axes; the padding is half of the filter.
struct HaloWindow {
  int size, stride;

  constexpr int taps() const { return size * size; }
  constexpr int pad() const { return size / 2; }
  // How far the last tap lies from the first one, in pixels of a parity: see halo.cuh.
  constexpr int reach() const { return (size - 1) / stride; }
  // Pixels in odd and even rows and columns lie apart where they are strided over.
  constexpr int parities() const { return stride * stride; }
  friend constexpr bool operator==(const HaloWindow&, const HaloWindow&) = default;
};

// Output pixels of a tile, enumerated in padded coordinates: position p is row p / padded columns,
// column p % padded columns, and the last `reach` columns of a row are thrown away. So a tap of all
// positions is the same tile read some rows and columns further on.
struct HaloTile {
  int rows, columns, reach = 2;

  constexpr int padded_rows() const { return rows + reach; }
  constexpr int padded_columns() const { return columns + reach; }
  // Up to the last position that is kept.
  constexpr int positions() const { return rows * padded_columns() - reach; }
};

struct HaloParams {
  WgmmaConvParams conv;  // the epilogue; m and bias by channel; `filter` as plan.hpp says
  HaloTile tile;
  int images;
  int tiles_h, tiles_w;    // of an image
  int blocks;              // of 64 output channels
  int x_planes, y_planes;  // of an image: runs of channels that are not next to each other
  int stages;              // of the ring
  int plane_bytes;         // of a stage's plane (of a parity); what the copy engine brings of it
  int loaded_bytes;
  int stage_bytes;
  int slot_plane_bytes;  // of a tile's z and y, and eight pixels more
  int slot_bytes;
  int shared_bytes;  // of a block of threads
};

// An NCHW32 map is taken for an NHWC map of 32 channels with as many images as there are planes.
struct HaloMaps {
  CUtensorMap x;     // boxes of a tile's padded pixels of a parity, the channels of a plane
  CUtensorMap y, z;  // boxes of rows x columns pixels, 64 channels or those of a plane
};

using HaloLaunch = void (*)(const HaloMaps& maps, const HaloParams& params, int multiprocessors,
                            cudaStream_t stream);

// A compiled shape: input channels (padded to a swizzle span), positions of a tile, consumer
// warpgroups, groups of 8 positions that the epilogue takes at once, and the filter.
struct HaloShape {
  int channels, positions, consumers, chunk_groups;
  HaloWindow window;

  constexpr int chunks() const { return (positions / 8 + chunk_groups - 1) / chunk_groups; }
  // Of four groups each, between registers and a slot.
  constexpr int moves() const { return (chunk_groups + 3) / 4; }
  constexpr int places() const { return chunks() * moves() * 32; }
  constexpr int filter_bytes() const { return window.taps() * 64 * channels; }
};

// With three warpgroups the registers of a thread hold the sums of no more than 192 positions; with
// 128 channels, or larger filters, the products take long enough for two. What is strided over
// takes four planes of shared memory, so tiles are smaller where the filter is large.
inline constexpr HaloShape kHaloShapes[] = {
    {64, 176, 3, 11, {3, 1}}, {128, 208, 2, 9, {3, 1}}, {64, 208, 2, 9, {3, 2}},
    {128, 96, 2, 12, {3, 2}}, {64, 176, 2, 11, {5, 1}}, {64, 96, 2, 12, {5, 2}},
    {32, 176, 2, 11, {7, 1}},
};
// Those that are compiled for NCHW32 too.
inline constexpr int kHaloPlaneShapes = 2;

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
