// The host side of the fused inverted residual block: what it runs, its packed constants, how an
// image is cut into tiles. Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/inverted/chain.hpp"
#include "backends/cuda/conv/inverted/params.hpp"

namespace octet::cuda {

// Why a shape of the kernel cannot do a problem with so much shared memory a block, or accept().
Verdict check_inverted(const Problem& problem, const InvertedShape& shape, int shared_bytes);

struct InvertedFilters {
  std::optional<Filter> expand;  // of 1x1
  Filter depthwise, project;
};
InvertedFilters inverted_filters(const InvertedChain& chain);

// For each chunk of 32 hidden channels, zeros where there are no channels. The right operands of
// mma.sync are as its threads hold them, a word being four bytes of K of one column:
//   | expand: [32 of K][pair of 8 columns][thread][2 x 8 columns][K 0.., K 16..] words |
//   | depthwise: [8 channels][column of taps][thread][output row of a line][as above] |
//   | project: [8 columns][thread][as above] | constants of expand, of depthwise: [16 columns] |
std::vector<std::int8_t> pack_inverted_filters(const InvertedFilters& filters,
                                               const InvertedShape& shape,
                                               const HiddenLayers& layers);

// The numbers of a problem that do not depend on how its maps are cut.
InvertedParams inverted_sizes(const InvertedChain& chain, const InvertedShape& shape);
// How the sums of the last layer become bytes, but for the constants of channels.
WgmmaConvParams inverted_project(const InvertedChain& chain);

// The numbers without the arrays and pointers, and without the hidden layers' factors.
InvertedParams inverted_params(const InvertedChain& chain, const InvertedShape& shape,
                               int shared_bytes);

// Expected microseconds.
double estimate_inverted(const Problem& problem, const InvertedShape& shape, int shared_bytes,
                         int multiprocessors);

}  // namespace octet::cuda
