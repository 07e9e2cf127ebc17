// The host side of the inverted residual block on Hopper: what it runs, its packed constants, how
// an image is cut into tiles. Plain C++, tested without a GPU.
#pragma once

#include <vector>

#include "backends/cuda/conv/inverted/chain.hpp"
#include "backends/cuda/conv/inverted_wgmma/params.hpp"

namespace octet::cuda {

// Why a shape of the kernel cannot do a problem with so much shared memory a block, or accept().
Verdict check_inverted_wgmma(const Problem& problem, const InvertedWgmmaShape& shape,
                             int shared_bytes);

// For each chunk of hidden channels, zeros where there are no channels:
//   | expand: [slab][16 of K][64 channels][16 bytes], [channel] 16 bytes of constants |
//   | depthwise: [channel][column of taps] words, constants as kInvertedConstants has them |
//   | project: [16 of K][output channel in the order of project_channel()][16 bytes] |
std::vector<std::int8_t> pack_inverted_wgmma(const InvertedChain& chain,
                                             const InvertedWgmmaShape& shape,
                                             const HiddenLayers& layers);

// The numbers without the arrays and pointers, and without the hidden layers' factors.
InvertedWgmmaParams inverted_wgmma_params(const InvertedChain& chain,
                                          const InvertedWgmmaShape& shape, int shared_bytes);

// Expected microseconds.
double estimate_inverted_wgmma(const Problem& problem, const InvertedWgmmaShape& shape,
                               int shared_bytes, int multiprocessors);

}  // namespace octet::cuda
