// Elementwise functions with numpy broadcasting.
#pragma once

#include "ops/attributes.hpp"
#include "ops/elementwise_mode.hpp"

namespace octet {

std::string_view to_string(ElementwiseMode mode) noexcept;
int operand_count(ElementwiseMode mode) noexcept;
// How MegEngine's CPU quantises the results of this mode: QuantRule::mge where it has an optimised
// kernel for the operands' types and shapes, QuantRule::mge_division for all others.
QuantRule mge_rule(ElementwiseMode mode, std::span<const TensorType> operands, DType result);

// Operands are of one dtype, which the result keeps; comparisons and logic give boolean (or 0 and 1
// of the `output` type), `where` takes a boolean condition, pow also an exponent of another dtype.
// Integers wrap around; their division truncates, and gives 0 by zero. f16 and bf16 are computed in
// binary32.
//
// Quantised operands (one scale each) are dequantised, fl(float(q - z) * s), the function is
// computed in binary32 and the result quantised to `output` by `rule`. Two cases work on the stored
// integers: relu, max, min, where and identity with one scale everywhere; and without `output` sums
// of one scale (MegEngine adds a bias to a quantised product so), which wrap around.
struct Elementwise final : OpBase<Elementwise> {
  static constexpr std::string_view kKind = "elementwise";

  ElementwiseMode mode = ElementwiseMode::add;
  float alpha = 0.0f, beta = 0.0f;
  std::optional<OutputSpec> output;
  QuantRule rule = QuantRule::mge;

  ElementwiseFunction function() const noexcept { return {mode, alpha, beta}; }

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The shape numpy broadcasting gives; throws Error(invalid_model) with both shapes, or
// Error(resource_exhausted) when the result is too large.
Shape broadcast(const Shape& a, const Shape& b);

// The function itself on operand_count() floats. NaN for modes of integers alone.
float evaluate(const Elementwise& op, const float* operands) noexcept;

// y's byte for each of the 256 byte values of a one-operand mode's x; both dtypes have one byte.
std::array<std::uint8_t, 256> lookup_table(const Elementwise& op, const TensorType& x,
                                           const TensorType& y);

}  // namespace octet
