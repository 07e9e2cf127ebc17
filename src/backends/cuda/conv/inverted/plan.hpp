// The host side of the fused inverted residual block: which sub-graphs it runs, its packed
// constants, how an image is cut into tiles. Plain C++, tested without a GPU.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/inverted/params.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A sub-graph of three convolutions, one after the other, or of the last two.
struct InvertedChain {
  Graph graph;  // for the problem's shapes; what follows points into it
  std::optional<Problem> expand;
  Problem depthwise, project;
  std::size_t x;                 // which input of the sub-graph is the block's
  std::optional<std::size_t> z;  // and which the residual; perhaps the same
};
// Nothing where a Subgraph problem is no such chain.
std::optional<InvertedChain> inverted_chain(const Problem& problem);
// The convolutions from `first` on, up to the graph's only output, without what `x` is; nothing
// where they are no such chain.
std::optional<InvertedChain> inverted_chain_from(Graph graph, NodeId first, bool expands);

// Why a layer that expands a map is none whose sums become bytes here, wherever they come from.
Verdict check_expanding_layer(const Problem& conv);
// The same of the two layers that reduce one.
Verdict check_reducing_layers(const InvertedChain& chain);

// Why a shape of the kernel cannot do a problem with so much shared memory a block, or accept().
Verdict check_inverted(const Problem& problem, const InvertedShape& shape, int shared_bytes);

// The channel, of 16, that column `column` of two neighbouring products of 8 columns is: a thread's
// four sums of a pixel are neighbours then.
int inverted_channel(int column);

// How the hidden layers' sums become bytes, and with which constants of each channel: see
// kInvertedConstants.
struct HiddenLayer {
  float factor;
  std::vector<std::array<std::uint32_t, 3>> channels;
};
struct HiddenLayers {
  HiddenForm form;
  HiddenLayer expand, depthwise;  // without an expansion the first is empty
};
HiddenLayers hidden_layers(const InvertedChain& chain);

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
