// The host side of the kernel of two 1x1 convolutions in a row: which sub-graphs it runs, its
// packed filters, how shared memory is shared out. Plain C++, tested without a GPU.
#pragma once

#include <optional>
#include <vector>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/pair/params.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// A sub-graph of two convolutions: inputs x and perhaps z, outputs y and what the second makes of
// it.
struct PairChain {
  Graph graph;  // for the problem's shapes; what follows points into it
  Problem first, second;
};
// Nothing where a Subgraph problem is no such chain.
std::optional<PairChain> pair_chain(const Problem& problem);

// Why the kernel with this tile cannot do a problem, or is not worth it on so many multiprocessors;
// or accept(). The device is asked elsewhere.
Verdict check_pair(const Problem& problem, const PairTile& tile, int multiprocessors);

// Of each turn what it takes of the first filter, then of each turn what it takes of the second. As
// wgmma wants them: rows in the order of tile_channels(), swizzled; zeros outside.
std::vector<std::int8_t> pack_pair_filters(const Filter& first, const Filter& second,
                                           const PairTile& tile);

// The numbers without the arrays and pointers; nothing where they do not fit in shared memory.
std::optional<PairParams> pair_params(const PairChain& chain, const PairTile& tile);

// Expected microseconds of a pair that check_pair() accepted: those of two kernels, without y's way
// from memory and the second launch.
double estimate_pair(const Problem& problem, int multiprocessors);

}  // namespace octet::cuda
