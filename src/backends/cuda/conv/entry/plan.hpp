// The host side of the first layer's kernel with the block behind it: which sub-graphs it runs, its
// packed filter, how images are shared out. Plain C++, tested without a GPU.
#pragma once

#include "backends/cuda/conv/entry/params.hpp"
#include "backends/cuda/conv/inverted/plan.hpp"

namespace octet::cuda {

// A sub-graph of one chain: the input is brought to NHWC4 (quantised, if it is f32), then come a
// convolution, a depthwise one and one of 1x1.
struct EntryChain {
  Problem bring;
  InvertedChain block;  // with the first convolution as what expands
};
// Nothing where a Subgraph problem is no such chain.
std::optional<EntryChain> entry_chain(const Problem& problem);

// Why a shape of the kernel cannot do a problem with so much shared memory a block, or accept().
Verdict check_entry(const Problem& problem, const EntryShape& shape, int shared_bytes);

// The block's filters; the first is a 1x1 convolution of the K values that the kernel reads.
InvertedFilters entry_filters(const EntryChain& chain);
// Of the second step of K, packed as in inverted/, half is zero: moves what the second pair of
// products meets there, so that a thread reads all of its last row at once.
void fold_last_row(std::vector<std::int8_t>& packed);

// The numbers without the arrays and pointers, and without the hidden layers' factors.
EntryParams entry_params(const EntryChain& chain, const EntryShape& shape, int shared_bytes,
                         int multiprocessors);

// Expected microseconds.
double estimate_entry(const Problem& problem, const EntryShape& shape, int shared_bytes,
                      int multiprocessors);

}  // namespace octet::cuda
