// The host side of the depthwise convolutions. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cuda/conv/depthwise/depthwise.hpp"
#include "backends/cuda/conv/filter_pack.hpp"

namespace octet::cuda {

// Why a tile cannot do a Conv2d problem, or accept().
Verdict check_depthwise(const Problem& problem, const DepthwiseTile& tile);

// [row][window][column][quad][channel] words, each with the taps of four input columns.
std::vector<std::int8_t> pack_depthwise_filter(const Filter& filter, const DepthwiseTile& tile,
                                               int quads);

// Everything but the device pointers.
DepthwiseParams depthwise_params(const Problem& problem);

// Expected microseconds: the larger of bytes and instructions.
double estimate_depthwise(const Problem& problem, const DepthwiseTile& tile, int multiprocessors);

}  // namespace octet::cuda
