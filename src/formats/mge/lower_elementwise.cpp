// Elemwise, ElemwiseMultiType and PowC.
#include "ops/elementwise.hpp"

#include <algorithm>

#include "formats/mge/elemwise_modes.hpp"
#include "formats/mge/lower.hpp"
#include "ops/convert.hpp"

namespace octet::mge {
namespace {

using Mode = fbs::ElemwiseMode;

// Questions: the answer is a boolean in Octet; Elemwise gives it as 1 or 0 in its operands' type.
bool is_question(Mode mode) {
  constexpr Mode kQuestions[] = {Mode::LT,  Mode::LEQ,   Mode::EQ,
                                 Mode::NEQ, Mode::ISNAN, Mode::ISINF};
  return std::find(std::begin(kQuestions), std::end(kQuestions), mode) != std::end(kQuestions);
}

using Operands = std::vector<ValueId>;

ValueId apply(Context& context, ElementwiseMode mode, Operands operands,
              std::optional<OutputSpec> output = {}) {
  Elementwise op;
  op.mode = mode;
  op.output = std::move(output);
  if (op.output && op.output->quant) {
    std::vector<TensorType> types;
    for (const ValueId operand : operands) types.push_back(context.type(operand));
    op.rule = mge_rule(mode, types, op.output->dtype);
  }
  return context.add(std::move(op), std::move(operands));
}

ValueId cast(Context& context, ValueId value, DType dtype) {
  if (context.type(value).dtype == dtype) return value;
  Cast op;
  op.dtype = dtype;
  return context.add(op, {value});
}

ValueId to_float(Context& context, ValueId value) {
  if (!context.type(value).is_quantised()) return cast(context, value, DType::f32);
  Convert op;
  op.output.dtype = DType::f32;
  return context.add(std::move(op), {value});
}

// The value of a known f32 scalar.
std::optional<float> known_number(Context& context, ValueId value) {
  const Tensor* known = context.graph().known(value);
  if (known == nullptr || known->dtype() != DType::f32 || known->shape().elements() != 1)
    return std::nullopt;
  return known->values<float>()[0];
}

// x <= lowest ? lowest : min(x, highest)
ValueId clip(Context& context, const Operands& x) {
  if (x.size() != 3) invalid("CLIP has three operands");
  const auto lowest = known_number(context, x[1]), highest = known_number(context, x[2]);
  if (lowest && highest && *lowest <= *highest) {
    Elementwise op;
    op.mode = ElementwiseMode::clip;
    op.alpha = *lowest;
    op.beta = *highest;
    return context.add(std::move(op), {x[0]});
  }
  return apply(context, ElementwiseMode::where,
               {apply(context, ElementwiseMode::less_equal, {x[0], x[1]}), x[1],
                apply(context, ElementwiseMode::min, {x[0], x[2]})});
}

// x * (27 + x^2) / (27 + 9 * x^2)
ValueId fast_tanh(Context& context, ValueId x) {
  const ValueId square = apply(context, ElementwiseMode::square, {x});
  const ValueId c27 = context.scalar(27.0f);
  const ValueId top = apply(context, ElementwiseMode::mul,
                            {x, apply(context, ElementwiseMode::add, {c27, square})});
  const ValueId bottom =
      apply(context, ElementwiseMode::mul_add3, {context.scalar(9.0f), square, c27});
  return apply(context, ElementwiseMode::div, {top, bottom});
}

// Modes that take several functions. Operands are floats.
ValueId compose(Context& context, Mode mode, const Operands& x) {
  if (x.empty()) invalid("the operator has no operands");
  switch (mode) {
    case Mode::CLIP: return clip(context, x);
    case Mode::FAST_TANH: return fast_tanh(context, x[0]);
    case Mode::ERFC:
      return apply(context, ElementwiseMode::sub,
                   {context.scalar(1.0f), apply(context, ElementwiseMode::erf, {x[0]})});
    case Mode::LOGSIGMOID: {
      const ValueId negated = apply(context, ElementwiseMode::negate, {x[0]});
      return apply(context, ElementwiseMode::negate,
                   {apply(context, ElementwiseMode::softplus, {negated})});
    }
    default: break;
  }
  const std::string_view name = fbs::EnumNameElemwiseMode(mode);
  if (name.empty())
    invalid(concat("the unknown elementwise mode ", static_cast<std::uint32_t>(mode)));
  unsupported(concat("the elementwise mode ", name, " is not supported"));
}

// Operands of one type, as MegEngine's type promotion makes them: Float32 with integers becomes
// Float32, integers of different width become Int32.
Operands promoted(Context& context, Operands operands) {
  const auto dtype_of = [&](ValueId id) { return context.type(id).dtype; };
  if (operands.empty()) return operands;
  const DType first = dtype_of(operands.front());
  if (std::all_of(operands.begin(), operands.end(),
                  [&](ValueId id) { return dtype_of(id) == first; }))
    return operands;
  const bool any_float = std::any_of(operands.begin(), operands.end(),
                                     [&](ValueId id) { return is_float(dtype_of(id)); });
  for (ValueId& id : operands)
    if (!context.type(id).is_quantised())
      id = cast(context, id, any_float ? DType::f32 : DType::s32);
  return operands;
}

std::vector<ValueId> lower_elemwise(Context& context) {
  const Mode mode = context.param<fbs::Elemwise>().mode();
  const Operands operands = promoted(context, context.inputs);
  const auto same = same_function(mode);
  if (!same) return {compose(context, mode, operands)};
  std::optional<OutputSpec> output;
  if (is_question(mode) && !operands.empty())
    output = OutputSpec{context.type(operands.front()).dtype, std::nullopt};
  return {apply(context, *same, operands, output)};
}

// Q*: dequantise, compute, quantise. What is one function of Octet does the three at once.
ValueId lower_quantised(Context& context, Mode mode) {
  const auto output = context.output_spec();
  if (!output || !output->quant) invalid("a quantised elementwise operator lacks its output type");
  if (const auto same = same_function(mode)) return apply(context, *same, context.inputs, output);
  Operands floats;
  for (const ValueId id : context.inputs) floats.push_back(to_float(context, id));
  Convert op;
  op.output = *output;
  op.rule = QuantRule::mge_division;  // as for all functions without an optimised kernel
  return context.add(std::move(op), {compose(context, mode, floats)});
}

// The first operand is an integer to be computed with in the type of the others.
ValueId lower_mixed(Context& context, ElementwiseMode mode, DType dtype) {
  Operands operands = context.inputs;
  if (operands.empty()) invalid("the operator has no operands");
  operands[0] = cast(context, operands[0], dtype);
  return apply(context, mode, operands);
}

std::vector<ValueId> lower_multi_type(Context& context) {
  using Multi = fbs::MultiTypeMode;
  const Multi mode = context.param<fbs::ElemwiseMultiType>().mode();
  const std::string_view name = fbs::EnumNameMultiTypeMode(mode);
  if (name.empty())
    invalid(concat("the unknown elementwise mode ", static_cast<std::uint32_t>(mode)));
  const bool quantised = name.front() == 'Q';
  for (const Mode plain : fbs::EnumValuesElemwiseMode()) {
    if (name.substr(quantised ? 1 : 0) != fbs::EnumNameElemwiseMode(plain)) continue;
    if (quantised) return {lower_quantised(context, plain)};
    // EQ, LT, ISNAN and so on: the answer stays a boolean.
    return {apply(context, *same_function(plain), promoted(context, context.inputs))};
  }
  switch (mode) {
    case Multi::FUSE_MUL_ADD3_INT16x32x32x32:
      return {lower_mixed(context, ElementwiseMode::mul_add3, DType::s32)};
    case Multi::FUSE_MUL_ADD3_INT16xF32xF32xF32:
    case Multi::FUSE_MUL_ADD3_UINT8xF32xF32xF32:
      return {lower_mixed(context, ElementwiseMode::mul_add3, DType::f32)};
    case Multi::MUL_INT16xF32xF32: return {lower_mixed(context, ElementwiseMode::mul, DType::f32)};
    case Multi::FUSE_MUL_ADD3_IXxF32xF32xI8:
      return {
          cast(context, lower_mixed(context, ElementwiseMode::mul_add3, DType::f32), DType::s8)};
    default: unsupported(concat("the elementwise mode ", name, " is not supported"));
  }
}

// x to a constant power.
std::vector<ValueId> lower_power(Context& context) {
  context.expect_inputs(1, 1);
  const float exponent = context.param<fbs::PowC>().exp();
  const ValueId x = context.input(0);
  if (exponent == 1.0f) return {x};
  if (exponent == 2.0f) return {apply(context, ElementwiseMode::square, {x})};
  if (exponent == 0.5f) return {apply(context, ElementwiseMode::sqrt, {x})};
  if (exponent == -1.0f) return {apply(context, ElementwiseMode::reciprocal, {x})};
  return {apply(context, ElementwiseMode::pow, {x, context.scalar(exponent)})};
}

constexpr OperatorRow kRows[] = {
    {"Elemwise", lower_elemwise},
    {"ElemwiseMultiType", lower_multi_type},
    {"PowC", lower_power},
};

}  // namespace

std::span<const OperatorRow> elementwise_operators() { return kRows; }

}  // namespace octet::mge
