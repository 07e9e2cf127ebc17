// The names of the elementwise functions, and one with its numbers.
#pragma once

#include <cstdint>

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

// A mode with its attributes: all that the function itself depends on.
struct ElementwiseFunction {
  ElementwiseMode mode = ElementwiseMode::add;
  float alpha = 0.0f, beta = 0.0f;
};

}  // namespace octet
