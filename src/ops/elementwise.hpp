// Elementwise functions with numpy broadcasting.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

enum class ElementwiseMode : std::uint8_t {
  // one operand
  identity,
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  h_sigmoid,
  h_swish,
  is_inf,
  is_nan,
  log,
  log1p,
  logical_not,
  negate,
  reciprocal,
  relu,
  relu6,
  round,
  round_even,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  softsign,
  sqrt,
  square,
  tan,
  tanh,
  mish,
  elu,
  selu,
  celu,
  leaky_relu,
  thresholded_relu,
  hard_sigmoid,  // alpha, beta as in ONNX
  clip,          // alpha = lowest, beta = highest
  // two operands
  add,
  sub,
  mul,
  div,
  floor_div,
  min,
  max,
  mod,
  fmod,
  pow,
  atan2,
  log_sum_exp,
  prelu,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  logical_xor,
  shift_left,
  shift_right,
  add_relu,
  add_sigmoid,
  add_tanh,
  add_h_swish,  // f(a + b)
  // three and four operands
  mul_add3,
  mul_add4,  // a*b + c; a*b + c*d
  where,     // a ? b : c
  cond_leq_mov,
  cond_lt_mov,  // a <= b ? c : 0
  switch_gt0,   // a > 0 ? b : 0
};

std::string_view to_string(ElementwiseMode mode) noexcept;
int operand_count(ElementwiseMode mode) noexcept;

// Float operands give f32; comparisons and logic give boolean; integers of one type stay it
// (s32 sums of equal scale, as a bias added to a quantised product, stay integers). With quantised
// operands and `output` each operand is dequantised, the function computed in binary32 and the
// result quantised by `rule`; quantised relu, max, min with equal scales work on the integers.
struct Elementwise final : OpBase<Elementwise> {
  static constexpr std::string_view kKind = "elementwise";

  ElementwiseMode mode = ElementwiseMode::add;
  float alpha = 0.0f, beta = 0.0f;
  std::optional<OutputSpec> output;
  QuantRule rule = QuantRule::mge;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The shape numpy broadcasting gives; throws Error(invalid_model) with both shapes.
Shape broadcast(const Shape& a, const Shape& b);

// The function itself on floats (`n` operands), as the reference and every table maker use it.
float evaluate(const Elementwise& op, const float* operands) noexcept;

}  // namespace octet
