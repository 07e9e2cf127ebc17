// Functions of one value: activations, roots, trigonometry, tests.
#include <limits>

#include "base/format.hpp"
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {
namespace {

template <Mode mode>
std::vector<ValueId> unary(OnnxNode& node) {
  return {apply(node, mode, {node.input(0)})};
}

constexpr float kOne = 1.0f, kHundredth = 0.01f;

// With the attribute alpha, whose default is `fallback`.
template <Mode mode, const float& fallback>
std::vector<ValueId> with_alpha(OnnxNode& node) {
  return {apply(node, mode, {node.input(0)}, node.attributes().number("alpha", fallback))};
}

std::vector<ValueId> selu(OnnxNode& node) {
  const float alpha = node.attributes().number("alpha", 1.67326319217681884765625f);
  const float gamma = node.attributes().number("gamma", 1.05070102214813232421875f);
  return {apply(node, Mode::selu, {node.input(0)}, alpha, gamma)};
}

std::vector<ValueId> hard_sigmoid(OnnxNode& node) {
  const float alpha = node.attributes().number("alpha", 0.2f);
  const float beta = node.attributes().number("beta", 0.5f);
  return {apply(node, Mode::hard_sigmoid, {node.input(0)}, alpha, beta)};
}

// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
ValueId gelu_by_tanh(const OnnxNode& node, ValueId x) {
  const auto scaled = [&](ValueId v, double factor) {
    return apply(node, Mode::mul, {v, scalar_like(node, x, factor)});
  };
  const ValueId cube = apply(node, Mode::mul, {apply(node, Mode::square, {x}), x});
  const ValueId inner = apply(node, Mode::add, {x, scaled(cube, 0.044715)});
  const ValueId tanh = apply(node, Mode::tanh, {scaled(inner, 0.7978845608028654)});
  return apply(node, Mode::mul,
               {scaled(x, 0.5), apply(node, Mode::add, {tanh, scalar_like(node, x, 1.0)})});
}

std::vector<ValueId> gelu(OnnxNode& node) {
  const std::string approximate = node.attributes().text("approximate", "none");
  if (approximate == "none") return unary<Mode::gelu>(node);
  if (approximate != "tanh")
    node.invalid(concat("approximate \"", approximate, "\" does not exist"));
  return {gelu_by_tanh(node, node.input(0))};
}

std::vector<ValueId> is_inf(OnnxNode& node) {
  const bool negative = node.attributes().flag("detect_negative", true);
  const bool positive = node.attributes().flag("detect_positive", true);
  const ValueId x = node.input(0);
  const ValueId zero = scalar_like(node, x, 0.0);
  const ValueId infinite = apply(node, Mode::is_inf, {x});
  if (negative && positive) return {infinite};
  if (!negative && !positive) return {apply(node, Mode::less, {zero, zero})};
  const ValueId sign = apply(node, negative ? Mode::less : Mode::greater, {x, zero});
  return {apply(node, Mode::logical_and, {infinite, sign})};
}

// x + bias below -lambd, x - bias above lambd, 0 between.
std::vector<ValueId> shrink(OnnxNode& node) {
  const ValueId x = node.input(0);
  const double lambda = double{node.attributes().number("lambd", 0.5f)};
  const ValueId bias = scalar_like(node, x, double{node.attributes().number("bias", 0.0f)});
  const ValueId below = apply(node, Mode::less, {x, scalar_like(node, x, -lambda)});
  const ValueId above = apply(node, Mode::greater, {x, scalar_like(node, x, lambda)});
  const ValueId upper = apply(
      node, Mode::where, {above, apply(node, Mode::sub, {x, bias}), scalar_like(node, x, 0.0)});
  return {apply(node, Mode::where, {below, apply(node, Mode::add, {x, bias}), upper})};
}

ValueId clip_by_values(const OnnxNode& node, ValueId lowest, ValueId highest) {
  ValueId x = node.input(0);
  if (lowest != kNoValue) x = apply(node, Mode::max, {x, lowest});
  if (highest != kNoValue) x = apply(node, Mode::min, {x, highest});
  return x;
}

// Bounds were attributes before opset 11 and are inputs since.
std::vector<ValueId> clip(OnnxNode& node) {
  float lowest = std::numeric_limits<float>::lowest();
  float highest = std::numeric_limits<float>::max();
  if (node.opset() < 11) {
    lowest = node.attributes().number("min", lowest);
    highest = node.attributes().number("max", highest);
    return {apply(node, Mode::clip, {node.input(0)}, lowest, highest)};
  }
  const bool is_known = (!node.has_input(1) || node.graph().known(node.input(1)) != nullptr) &&
                        (!node.has_input(2) || node.graph().known(node.input(2)) != nullptr);
  if (!is_float(node.type(0).dtype) || !is_known)
    return {clip_by_values(node, node.optional(1), node.optional(2))};
  for (const std::size_t i : {1u, 2u})
    if (node.has_input(i) && node.shape(i).elements() != 1)
      node.invalid("a bound of Clip is not a scalar");
  if (node.has_input(1)) lowest = node.known_numbers(1, "min")[0];
  if (node.has_input(2)) highest = node.known_numbers(2, "max")[0];
  return {apply(node, Mode::clip, {node.input(0)}, lowest, highest)};
}

constexpr OpRow kRows[] = {
    {"Abs", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::abs>},
    {"Acos", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::acos>},
    {"Acosh", 9, kLastOpset, Operands::plain, unary<Mode::acosh>},
    {"Asin", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::asin>},
    {"Asinh", 9, kLastOpset, Operands::plain, unary<Mode::asinh>},
    {"Atan", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::atan>},
    {"Atanh", 9, kLastOpset, Operands::plain, unary<Mode::atanh>},
    {"Ceil", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::ceil>},
    {"Celu", 12, kLastOpset, Operands::plain, with_alpha<Mode::celu, kOne>},
    {"Clip", kFirstOpset, kLastOpset, Operands::plain, clip},
    {"Cos", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::cos>},
    {"Cosh", 9, kLastOpset, Operands::plain, unary<Mode::cosh>},
    {"Elu", kFirstOpset, kLastOpset, Operands::plain, with_alpha<Mode::elu, kOne>},
    {"Erf", 9, kLastOpset, Operands::plain, unary<Mode::erf>},
    {"Exp", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::exp>},
    {"Floor", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::floor>},
    {"Gelu", 20, kLastOpset, Operands::plain, gelu},
    {"Gelu", 1, 1, Operands::plain, unary<Mode::gelu>, kMicrosoft},
    {"HardSigmoid", kFirstOpset, kLastOpset, Operands::plain, hard_sigmoid},
    {"HardSwish", 14, kLastOpset, Operands::plain, unary<Mode::h_swish>},
    {"IsInf", 10, kLastOpset, Operands::plain, is_inf},
    {"IsNaN", 9, kLastOpset, Operands::plain, unary<Mode::is_nan>},
    {"LeakyRelu", kFirstOpset, kLastOpset, Operands::plain,
     with_alpha<Mode::leaky_relu, kHundredth>},
    {"Log", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::log>},
    {"Mish", 18, kLastOpset, Operands::plain, unary<Mode::mish>},
    {"Neg", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::negate>},
    {"Not", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::logical_not>},
    {"Reciprocal", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::reciprocal>},
    {"Relu", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::relu>},
    {"Round", 11, kLastOpset, Operands::plain, unary<Mode::round_even>},
    {"Selu", kFirstOpset, kLastOpset, Operands::plain, selu},
    {"Shrink", 9, kLastOpset, Operands::plain, shrink},
    {"Sigmoid", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::sigmoid>},
    {"Sign", 9, kLastOpset, Operands::plain, unary<Mode::sign>},
    {"Sin", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::sin>},
    {"Sinh", 9, kLastOpset, Operands::plain, unary<Mode::sinh>},
    {"Softplus", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::softplus>},
    {"Softsign", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::softsign>},
    {"Sqrt", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::sqrt>},
    {"Tan", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::tan>},
    {"Tanh", kFirstOpset, kLastOpset, Operands::plain, unary<Mode::tanh>},
    {"ThresholdedRelu", 10, kLastOpset, Operands::plain, with_alpha<Mode::thresholded_relu, kOne>},
};

}  // namespace

std::span<const OpRow> unary_operators() { return kRows; }

}  // namespace octet::onnx
