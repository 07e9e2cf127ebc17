// The host side of the depthwise convolutions on Tensor Cores. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cuda/conv/diagonal/params.hpp"
#include "backends/cuda/conv/filter_pack.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// The device as a plan sees it.
struct DiagonalDevice {
  int multiprocessors, shared_bytes;  // of a block at most; a multiprocessor has about as much
};

// Why a shape of the kernel cannot do a Conv2d problem, or accept().
Verdict check_diagonal(const Problem& problem, const DiagonalShape& shape,
                       const DiagonalDevice& device);

// [group of 16 channels][step][two products][lane][K 0.., K 16..] words of four bytes, as mma.sync
// takes its right operand; a step is two taps. Columns 2q and 2q + 1 of product j are the channels
// 4q + 2j and 4q + 2j + 1: the sums of a thread are then neighbours.
std::vector<std::int8_t> pack_diagonal_filter(const Filter& filter, const DiagonalShape& shape);

// The numbers without the arrays and pointers, and how many blocks there are.
struct DiagonalPlan {
  DiagonalParams params;
  int blocks;
  double unit_rounds;  // how long that takes, in what a block's warps take for 16 positions each
};
DiagonalPlan diagonal_plan(const Problem& problem, const DiagonalShape& shape,
                           const DiagonalDevice& device);

// Expected microseconds.
double estimate_diagonal(const Problem& problem, const DiagonalShape& shape,
                         const DiagonalDevice& device);

}  // namespace octet::cuda
