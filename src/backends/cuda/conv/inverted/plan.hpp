// The host side of the fused inverted residual block: which sub-graphs it runs, its packed
// constants, how an image is cut into tiles. Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/inverted/params.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A sub-graph of three convolutions, one after the other.
struct InvertedChain {
  Graph graph;  // for the problem's shapes; what follows points into it
  Problem expand, depthwise, project;
  std::size_t x;                 // which input of the sub-graph is the block's
  std::optional<std::size_t> z;  // and which the residual; perhaps the same
};
// Nothing where a Subgraph problem is no such chain.
std::optional<InvertedChain> inverted_chain(const Problem& problem);

// Why a shape of the kernel cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_inverted(const Problem& problem, const InvertedShape& shape);

// Why it is not worth it on a device with so many multiprocessors, or accept(); for a problem that
// check_inverted() accepted.
Verdict check_inverted_gain(const Problem& problem, const InvertedShape& shape,
                            int multiprocessors);

// The hidden channel, of 16, of each column of a product of 16: a thread's sums of a pixel are then
// the four channels that the next product wants from it.
int inverted_channel(int column);

// For each chunk of 32 hidden channels, all without swizzle (16 bytes of K of 8 rows lie next to
// each other), zeros where there are no channels:
//   | expand: [32 of K][2 halves][32 columns][16] |
//   | depthwise: [16 channels][tap][2 rows of a pair][16 columns of each output row][16] |
//   | project: [2 halves][n columns][16] | biases of expand, of depthwise: 32 words each |
std::vector<std::int8_t> pack_inverted_filters(const InvertedChain& chain,
                                               const InvertedShape& shape);

// The numbers without the arrays and pointers.
InvertedParams inverted_params(const InvertedChain& chain, const InvertedShape& shape);

// Expected microseconds.
double estimate_inverted(const Problem& problem, const InvertedShape& shape, int multiprocessors);

}  // namespace octet::cuda
