// The host side of the halo-resident convolution: what it accepts, tiles, packed filters, expected
// times. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cuda/conv/halo/params.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {

// Why a shape cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_halo_conv(const Problem& problem, const HaloShape& shape, ChannelRuns runs);

// The tile of at most the shape's positions that covers an h x w output in the fewest tiles.
HaloTile halo_tile(int h, int w, const HaloShape& shape);

// [block of 64 output channels][tap][64 rows][channels], zeros outside; rows ordered as halo.cuh
// says, 16-byte chunks swizzled over the row.
std::vector<std::int8_t> pack_halo_filter(const Filter& filter, const HaloShape& shape);

// The kernel's numbers without the arrays and pointers.
HaloParams halo_params(const Problem& problem, const Epilogue& epilogue, const HaloShape& shape,
                       ChannelRuns runs, WgmmaZ z);

// Expected microseconds.
double estimate_halo_conv(const Problem& problem, const HaloShape& shape, int multiprocessors);

}  // namespace octet::cuda
