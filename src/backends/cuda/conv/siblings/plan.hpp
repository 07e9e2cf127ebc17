// The host side of two convolutions in one launch: which sub-graphs those are, their numbers.
// Plain C++, tested without a GPU.
#pragma once

#include <optional>

#include "backends/cuda/conv/siblings/params.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {

// A sub-graph of two convolutions that read its only input and whose results are its outputs.
struct ConvSiblings {
  Graph graph;  // for the problem's shapes; what follows points into it
  Problem conv[2];
  std::size_t output[2];  // which of the sub-graph's each makes
};
// Nothing where a Subgraph problem is no such pair.
std::optional<ConvSiblings> conv_siblings(const Problem& problem);

// Why a tile's kernel cannot do a problem, or accept(). The device is asked elsewhere.
Verdict check_siblings(const Problem& problem, const WgmmaTile& tile, int multiprocessors);

// Everything but the arrays and pointers, for a pair that check_siblings() accepted.
SiblingsParams siblings_params(const ConvSiblings& two, const Epilogue (&epilogues)[2],
                               const WgmmaTile& tile);

// Expected microseconds of a pair that check_siblings() accepted.
double estimate_siblings(const Problem& problem, const WgmmaTile& tile, int multiprocessors);

}  // namespace octet::cuda
