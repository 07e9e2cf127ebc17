// What the operators that sum products (convolutions, matrix products) ask of their operands.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// One integer of one byte: s8, u8, s4 or u4.
bool is_byte_integer(DType dtype) noexcept;

// The value's quantisation; scale 1 and zero point 0 for plain integers.
const Quant& quant_of(const TensorType& type) noexcept;

// Whether the product is one of floats: both f32. Otherwise both must be byte integers, x with one
// scale at most and w with one scale or one per index of `channel_axis`. Throws Error.
bool check_factors(const TensorType& x, const TensorType& w, int channel_axis);

// A bias of a product with this many output channels, as {K} or {1,K,1,1}: f32 for floats, else s32
// whose scale, if it has one, is s_x * s_w.
void check_bias(const TensorType& bias, std::int64_t channels, const TensorType& x,
                const TensorType& w);

// A residual operand of the output's shape: f32 for floats, else byte integers with one scale.
void check_residual(const TensorType& z, const Shape& output, bool is_float);

// The output's type. Throws Error when the scales do not fit the shape.
TensorType output_type(const OutputSpec& output, const Shape& shape);

}  // namespace octet
