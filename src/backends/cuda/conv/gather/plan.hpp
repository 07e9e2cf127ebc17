// The host side of the gathering Hopper convolutions. Plain C++, tested without a GPU.
#pragma once

#include "backends/cuda/conv/gather/gather.hpp"
#include "backends/cuda/conv/mma/plan.hpp"

namespace octet::cuda {

// Why the kernels cannot do a problem, or accept(). The device and the epilogue's form, which is
// known when it is made, are asked too.
Verdict check_gather_conv(const Problem& problem);

// How the producer brings x: in chunks, or word by word.
Loader gather_loader(const TensorType& x);

// One entry per piece of K (16 or 4 channels of a tap), over blocks of 128 channels, taps, channels
// of the block; padded with entries outside the image to whole stages.
std::vector<KEntry> gather_table(const Problem& problem, Loader loader);

// [output tile][stage][tile_n rows][kGatherK bytes] in the same order of K; rows permuted so that a
// thread's sums are runs of 16 channels, 16-byte chunks swizzled by row.
std::vector<std::int8_t> pack_gather_filter(const Filter& filter, const TensorType& x, int tile_n,
                                            int oc_memory);

// Expected microseconds: whole rounds of tiles, each the larger of products, gathering and the
// epilogue.
double estimate_gather_conv(const Problem& problem, int tile_n, int multiprocessors);

}  // namespace octet::cuda
