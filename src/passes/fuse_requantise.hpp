// Takes the conversion of a product's result into the product.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// conv2d or matmul on quantised operands whose s32 sums or f32 results have one reader, a convert
// to s8 or u8 by MegEngine's rule or of sums to f32, becomes one operator where an epilogue rule
// gives the same bits: sums by mge_ratio (to f32: mge_packed), f32 by the rule of the product
// itself.
Pass fuse_requantise_pass();

// matmul, then the addition of a constant bias of the same type (MegEngine's quantised linear
// layer), becomes a matmul with bias.
Pass fuse_bias_pass();

}  // namespace octet
