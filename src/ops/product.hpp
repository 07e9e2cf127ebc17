// What the operators that sum products (convolutions, matrix products) ask of their operands.
#pragma once

#include "ops/attributes.hpp"
#include "ops/wrapping.hpp"

namespace octet {

// One integer of one byte: s8, u8, s4 or u4.
bool is_byte_integer(DType dtype) noexcept;
// What the fast kernels take: s8 or u8, quantised, with one scale.
bool is_byte(DType dtype) noexcept;
bool is_quantised_byte(const TensorType& type) noexcept;
bool is_per_tensor_byte(const TensorType& type) noexcept;

// The value's quantisation; scale 1 and zero point 0 for plain integers.
const Quant& quant_of(const TensorType& type) noexcept;

// The operand at `index`; its data is nullptr when it is absent.
ConstView operand(std::span<const ConstView> inputs, std::size_t index) noexcept;

// Whether the product is one of floats: both f32. Otherwise both must be byte integers, x with one
// scale at most and w with one scale or one per index of `channel_axis` (-1: there is none). Throws
// Error.
bool check_factors(const TensorType& x, const TensorType& w, int channel_axis);

// A bias of a product with this many output channels, as {K} or {1,K,1,1}: f32 for floats, else s32
// whose scale, if it has one, is s_x * s_w.
void check_bias(const TensorType& bias, std::int64_t channels, const TensorType& x,
                const TensorType& w);

// A residual operand of the output's shape: f32 for floats, else byte integers with one scale.
void check_residual(const TensorType& z, const Shape& output, bool is_float);

// The output's type. Throws Error when the scales do not fit the shape.
TensorType output_type(const OutputSpec& output, const Shape& shape);

// Calls f(X{}, W{}) with the C++ types of two byte dtypes: std::int8_t or std::uint8_t each.
template <typename F>
void with_byte_types(DType x, DType w, F&& f) {
  const auto is_unsigned = [](DType dtype) { return dtype == DType::u8 || dtype == DType::u4; };
  const auto with_x = [&](auto first) {
    if (is_unsigned(w)) f(first, std::uint8_t{});
    else f(first, std::int8_t{});
  };
  if (is_unsigned(x)) with_x(std::uint8_t{});
  else with_x(std::int8_t{});
}

// The reference's arithmetic: integers wrap modulo 2^32, so that their order never matters; the
// product of two floats is exact in binary64.
inline void add_product(std::int32_t& sum, std::int16_t a, std::int16_t b) noexcept {
  sum = wrapping_add(sum, std::int32_t{a} * std::int32_t{b});
}
inline void add_product(double& sum, float a, float b) noexcept {
  sum += static_cast<double>(a) * static_cast<double>(b);
}

}  // namespace octet
