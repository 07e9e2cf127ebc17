// The host side of the dp4a convolutions: what they accept, the numbers of a launch, expected
// times. Plain C++, tested without a GPU.
#pragma once

#include "backends/cuda/conv/dp4a/dp4a.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// Of a Conv2d, BatchConv2d or GroupLocal problem: the reason why not, or accept().
Verdict check_dp4a(const Problem& problem);

// Everything but the epilogue. A constant filter of a Conv2d has its zero-point term in ibias, the
// others subtract it themselves.
Dp4aParams dp4a_params(const Problem& problem);
Dp4aPackParams dp4a_pack_params(const Problem& problem, const Dp4aParams& params);
std::size_t packed_filter_bytes(const Dp4aPackParams& params);
Epilogue dp4a_epilogue(const Problem& problem);

// Expected microseconds: the larger of products and bytes.
double estimate_dp4a(const Problem& problem, int multiprocessors);

}  // namespace octet::cuda
