// A product of bytes by a constant matrix as the 1x1 convolution that it is: rows of a are pixels
// of an NHWC map {M,K,1,1}, columns of b are filters {N,K,1,1}. So the convolutions' kernels for
// Tensor Cores do it. Plain C++, tested without a GPU.
#pragma once

#include "kernels/kernel.hpp"

namespace octet::cuda {

// Why a MatMul problem is no such product, or accept().
Verdict check_linear(const Problem& problem);

// The convolution, for a product that check_linear() accepted. K is padded to whole groups of 16
// channels: each row of the map is then 16-byte aligned. The operands' places are the product's,
// and so are `constants`: one has to put linear_filter() in the place of b before its values are
// read.
Problem linear_conv(const Problem& problem);

// The values of b as the convolution's filter, zeros in the channels that K is padded with.
Tensor linear_filter(const Problem& problem);

// The relayout that makes the convolution's input of a, or nothing where the bytes are the same.
std::optional<Problem> linear_padding(const Problem& problem);

}  // namespace octet::cuda
