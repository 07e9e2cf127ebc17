#include "ops/elementwise_modes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.hpp"

namespace octet {
namespace {

using enum ElementwiseMode;
constexpr std::uint8_t kNumbers = kFloats | kIntegers;
constexpr std::uint8_t kAny = kNumbers | kBooleans;
constexpr auto kWithin = OnStored::within_range;
constexpr auto kSum = OnStored::without_output_type;

// In the order of enum ElementwiseMode.
constexpr std::array kModes{
    ModeTraits{identity, "identity", 1, kAny, false, kWithin},
    ModeTraits{abs, "abs", 1, kNumbers},
    ModeTraits{acos, "acos", 1, kFloats},
    ModeTraits{acosh, "acosh", 1, kFloats},
    ModeTraits{asin, "asin", 1, kFloats},
    ModeTraits{asinh, "asinh", 1, kFloats},
    ModeTraits{atan, "atan", 1, kFloats},
    ModeTraits{atanh, "atanh", 1, kFloats},
    ModeTraits{ceil, "ceil", 1, kFloats},
    ModeTraits{cos, "cos", 1, kFloats},
    ModeTraits{cosh, "cosh", 1, kFloats},
    ModeTraits{erf, "erf", 1, kFloats},
    ModeTraits{exp, "exp", 1, kFloats},
    ModeTraits{expm1, "expm1", 1, kFloats},
    ModeTraits{floor, "floor", 1, kFloats},
    ModeTraits{gelu, "gelu", 1, kFloats},
    ModeTraits{h_sigmoid, "h_sigmoid", 1, kFloats},
    ModeTraits{h_swish, "h_swish", 1, kFloats},
    ModeTraits{is_inf, "is_inf", 1, kFloats, true},
    ModeTraits{is_nan, "is_nan", 1, kFloats, true},
    ModeTraits{log, "log", 1, kFloats},
    ModeTraits{log1p, "log1p", 1, kFloats},
    ModeTraits{logical_not, "logical_not", 1, kBooleans, true},
    ModeTraits{negate, "negate", 1, kNumbers, false, kSum},
    ModeTraits{reciprocal, "reciprocal", 1, kFloats},
    ModeTraits{relu, "relu", 1, kNumbers, false, kWithin},
    ModeTraits{relu6, "relu6", 1, kFloats},
    ModeTraits{round, "round", 1, kFloats},
    ModeTraits{round_even, "round_even", 1, kFloats},
    ModeTraits{sigmoid, "sigmoid", 1, kFloats},
    ModeTraits{sign, "sign", 1, kNumbers},
    ModeTraits{silu, "silu", 1, kFloats},
    ModeTraits{sin, "sin", 1, kFloats},
    ModeTraits{sinh, "sinh", 1, kFloats},
    ModeTraits{softplus, "softplus", 1, kFloats},
    ModeTraits{softsign, "softsign", 1, kFloats},
    ModeTraits{sqrt, "sqrt", 1, kFloats},
    ModeTraits{square, "square", 1, kNumbers},
    ModeTraits{tan, "tan", 1, kFloats},
    ModeTraits{tanh, "tanh", 1, kFloats},
    ModeTraits{mish, "mish", 1, kFloats},
    ModeTraits{elu, "elu", 1, kFloats, false, OnStored::never, 1},
    ModeTraits{selu, "selu", 1, kFloats, false, OnStored::never, 2},
    ModeTraits{celu, "celu", 1, kFloats, false, OnStored::never, 1},
    ModeTraits{leaky_relu, "leaky_relu", 1, kFloats, false, OnStored::never, 1},
    ModeTraits{thresholded_relu, "thresholded_relu", 1, kFloats, false, OnStored::never, 1},
    ModeTraits{hard_sigmoid, "hard_sigmoid", 1, kFloats, false, OnStored::never, 2},
    ModeTraits{clip, "clip", 1, kNumbers, false, OnStored::never, 2},
    ModeTraits{add, "add", 2, kNumbers, false, kSum},
    ModeTraits{sub, "sub", 2, kNumbers, false, kSum},
    ModeTraits{mul, "mul", 2, kNumbers},
    ModeTraits{div, "div", 2, kNumbers},
    ModeTraits{floor_div, "floor_div", 2, kNumbers},
    ModeTraits{min, "min", 2, kNumbers, false, kWithin},
    ModeTraits{max, "max", 2, kNumbers, false, kWithin},
    ModeTraits{mod, "mod", 2, kNumbers},
    ModeTraits{fmod, "fmod", 2, kNumbers},
    ModeTraits{pow, "pow", 2, kNumbers},
    ModeTraits{atan2, "atan2", 2, kFloats},
    ModeTraits{log_sum_exp, "log_sum_exp", 2, kFloats},
    ModeTraits{prelu, "prelu", 2, kFloats},
    ModeTraits{equal, "equal", 2, kAny, true},
    ModeTraits{not_equal, "not_equal", 2, kAny, true},
    ModeTraits{less, "less", 2, kNumbers, true},
    ModeTraits{less_equal, "less_equal", 2, kNumbers, true},
    ModeTraits{greater, "greater", 2, kNumbers, true},
    ModeTraits{greater_equal, "greater_equal", 2, kNumbers, true},
    ModeTraits{logical_and, "logical_and", 2, kBooleans, true},
    ModeTraits{logical_or, "logical_or", 2, kBooleans, true},
    ModeTraits{logical_xor, "logical_xor", 2, kBooleans, true},
    ModeTraits{shift_left, "shift_left", 2, kIntegers},
    ModeTraits{shift_right, "shift_right", 2, kIntegers},
    ModeTraits{add_relu, "add_relu", 2, kNumbers},
    ModeTraits{add_sigmoid, "add_sigmoid", 2, kFloats},
    ModeTraits{add_tanh, "add_tanh", 2, kFloats},
    ModeTraits{add_h_swish, "add_h_swish", 2, kFloats},
    ModeTraits{mul_add3, "mul_add3", 3, kNumbers},
    ModeTraits{mul_add4, "mul_add4", 4, kNumbers},
    ModeTraits{where, "where", 3, kAny, false, kWithin},
    ModeTraits{cond_leq_mov, "cond_leq_mov", 3, kNumbers},
    ModeTraits{cond_lt_mov, "cond_lt_mov", 3, kNumbers},
    ModeTraits{switch_gt0, "switch_gt0", 2, kNumbers},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kModes.size(); ++i)
    if (kModes[i].mode != static_cast<ElementwiseMode>(i)) return false;
  return kModes.back().mode == switch_gt0;
}
static_assert(in_order());

[[noreturn]] void refuse(StatusCode code, const Elementwise& op, std::string_view what,
                         std::string hint = {}) {
  throw Error(code, concat(to_string(op.mode), " ", what), {}, std::move(hint));
}

std::uint8_t kind_of(DType dtype) noexcept {
  if (dtype == DType::boolean) return kBooleans;
  return is_float(dtype) ? kFloats : kIntegers;
}

// Scales that differ by rounding errors alone: a bias's scale is a product written in decimal or
// computed in another order.
bool almost_equal(const Quant& a, const Quant& b) noexcept {
  return a.zero_point() == b.zero_point() &&
         std::abs(a.scale() - b.scale()) <= 1e-5f * std::max(a.scale(), b.scale());
}

void check_quantised(const Elementwise& op, const TensorType& type) {
  if (!type.quant->is_per_tensor())
    refuse(StatusCode::unsupported, op,
           concat("works on values with one scale, not on ", type.to_string()));
  check(*type.quant, type.dtype, type.shape);
  if (!is_integer(type.dtype) || size_of(type.dtype) > 4 || type.dtype == DType::u32)
    refuse(StatusCode::unsupported, op, concat("does not take quantised ", type.to_string()));
}

bool equal_quantisation(std::span<const TensorType> values) noexcept {
  return std::ranges::all_of(values, [&](const TensorType& type) {
    return type.dtype == values[0].dtype && type.quant &&
           almost_equal(*type.quant, *values[0].quant);
  });
}

bool works_on_stored(const Elementwise& op, std::span<const TensorType> values) noexcept {
  const OnStored on_stored = traits_of(op.mode).on_stored;
  if (on_stored == OnStored::never || !values[0].quant || !equal_quantisation(values)) return false;
  if (!op.output) return true;
  return on_stored == OnStored::within_range && op.output->dtype == values[0].dtype &&
         op.output->quant && *op.output->quant == *values[0].quant;
}

ElementwisePlan with_output(const Elementwise& op, ElementwisePlan plan) {
  const OutputSpec& output = *op.output;
  if (output.quant) check_quantised(op, {output.dtype, {}, kNCHW, output.quant});
  if (!output.quant && !is_float(output.dtype))
    refuse(StatusCode::unsupported, op,
           concat("cannot write plain ", to_string(output.dtype), " from real numbers"),
           "convert its output instead");
  plan.dtype = output.dtype;
  plan.quant = output.quant;
  return plan;
}

ElementwisePlan quantised_plan(const Elementwise& op, std::span<const TensorType> values) {
  for (const TensorType& type : values) {
    if (type.quant) check_quantised(op, type);
    else if (!is_float(type.dtype) || type.dtype == DType::f64)
      refuse(StatusCode::unsupported, op,
             concat("cannot mix quantised values with ", type.to_string()));
  }
  const ModeTraits& traits = traits_of(op.mode);
  if (works_on_stored(op, values)) {
    if (op.output) return {Arithmetic::integer, op.output->dtype, op.output->quant};
    return {Arithmetic::integer, values[0].dtype, values[0].quant};
  }
  if (!(traits.accepts & kFloats))
    refuse(StatusCode::invalid_model, op, concat("does not take ", values[0].to_string()));
  if (traits.gives_boolean && !op.output)
    return {Arithmetic::binary32, DType::boolean, std::nullopt};
  if (!op.output)
    refuse(StatusCode::invalid_model, op,
           concat("of quantised values needs the type of its output, but ", values[0].to_string(),
                  " came without one"));
  return with_output(op, {});
}

// Integers to the power of floats have no type of their own; every other pair takes the base's.
bool is_power_pair(const Elementwise& op, const TensorType& base, const TensorType& exponent) {
  return op.mode == pow && kind_of(exponent.dtype) != kBooleans &&
         (is_float(base.dtype) || is_integer(exponent.dtype));
}

ElementwisePlan plain_plan(const Elementwise& op, std::span<const TensorType> values) {
  const DType dtype = values[0].dtype;
  const ModeTraits& traits = traits_of(op.mode);
  for (const TensorType& type : values) {
    if (!(traits.accepts & kind_of(type.dtype)))
      refuse(StatusCode::invalid_model, op, concat("does not take ", type.to_string()),
             "convert the operand to another type first");
    if (type.dtype != dtype && !is_power_pair(op, values[0], type))
      refuse(StatusCode::invalid_model, op,
             concat("needs operands of one type, but has ", values[0].to_string(), " and ",
                    type.to_string()));
  }
  ElementwisePlan plan{arithmetic_of(dtype), traits.gives_boolean ? DType::boolean : dtype,
                       std::nullopt};
  if (!op.output) return plan;
  if (traits.gives_boolean && !op.output->quant) plan.dtype = op.output->dtype;  // 0 and 1 fit all
  if (*op.output == OutputSpec{plan.dtype, std::nullopt}) return plan;
  if (!is_float(dtype))
    refuse(StatusCode::unsupported, op,
           concat("of ", values[0].to_string(), " cannot write ", to_string(op.output->dtype)),
           "convert its output instead");
  return with_output(op, plan);
}

}  // namespace

const ModeTraits& traits_of(ElementwiseMode mode) noexcept {
  return kModes[static_cast<std::size_t>(mode)];
}

std::string_view to_string(ElementwiseMode mode) noexcept { return traits_of(mode).name; }

int operand_count(ElementwiseMode mode) noexcept { return traits_of(mode).operands; }

ElementwisePlan make_plan(const Elementwise& op, std::span<const TensorType> operands) {
  std::span<const TensorType> values = operands;
  if (op.mode == where) {
    if (operands[0].dtype != DType::boolean)
      refuse(StatusCode::invalid_model, op,
             concat("needs a boolean condition, but has ", operands[0].to_string()));
    values = operands.subspan(1);
  }
  const bool quantised =
      std::ranges::any_of(values, [](const TensorType& type) { return type.is_quantised(); });
  return quantised ? quantised_plan(op, values) : plain_plan(op, values);
}

}  // namespace octet
