// What the convolution rows have in common: the checks, and the epilogue with its corrections.
#pragma once

#include "backends/cpu/conv_geometry.hpp"
#include "backends/cpu/packed_epilogue.hpp"

namespace octet::cpu {

// Why a vector kernel cannot do this convolution, or accept(). Every operand must be NHWC.
Verdict check_conv(const Problem& problem);

// The epilogue of a Conv2d for sums over bytes that are `shift` higher than the stored input;
// `sums` are those of each channel's weights.
PackedEpilogue conv_epilogue(const Problem& problem, std::span<const std::int32_t> sums, int shift);

// How much higher than the stored values of `x` the bytes are that the dot products read.
inline int byte_shift(const TensorType& x) { return x.dtype == DType::s8 ? 128 : 0; }

}  // namespace octet::cpu
