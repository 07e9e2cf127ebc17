// Functions of two and more values, with numpy broadcasting.
#include "base/format.hpp"
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/op_table.hpp"

namespace octet::onnx {
namespace {

template <Mode mode>
std::vector<ValueId> binary(OnnxNode& node) {
  return {apply(node, mode, {node.input(0), node.input(1)})};
}

// One or more operands, taken from left to right.
template <Mode mode>
ValueId fold(const OnnxNode& node) {
  ValueId result = node.input(0);
  for (std::size_t i = 1; i < node.input_count(); ++i)
    result = apply(node, mode, {result, node.input(i)});
  return result;
}

template <Mode mode>
std::vector<ValueId> variadic(OnnxNode& node) {
  return {fold<mode>(node)};
}

std::vector<ValueId> mean(OnnxNode& node) {
  const auto count = static_cast<double>(node.input_count());
  return {apply(node, Mode::div, {fold<Mode::add>(node), node.constant_like(0, count)})};
}

std::vector<ValueId> mod(OnnxNode& node) {
  const bool fmod = node.attributes().flag("fmod", false);
  if (!fmod && is_float(node.type(0).dtype)) node.invalid("floats need the attribute fmod = 1");
  return fmod ? binary<Mode::fmod>(node) : binary<Mode::mod>(node);
}

// The result has the base's type, whatever the exponent's is.
std::vector<ValueId> pow(OnnxNode& node) {
  const DType base = node.type(0).dtype;
  if (is_float(base) || is_integer(node.type(1).dtype)) return binary<Mode::pow>(node);
  const DType exponent = node.type(1).dtype;
  const ValueId power = apply(node, Mode::pow, {node.cast(node.input(0), exponent), node.input(1)});
  return {node.cast(power, base)};
}

std::vector<ValueId> bit_shift(OnnxNode& node) {
  const std::string direction = node.attributes().text("direction", "");
  if (direction == "LEFT") return binary<Mode::shift_left>(node);
  if (direction == "RIGHT") return binary<Mode::shift_right>(node);
  node.invalid(concat("direction \"", direction, "\" does not exist"));
}

std::vector<ValueId> where(OnnxNode& node) {
  return {apply(node, Mode::where, {node.input(0), node.input(1), node.input(2)})};
}

// x * sigmoid(alpha * x)
std::vector<ValueId> quick_gelu(OnnxNode& node) {
  const ValueId x = node.input(0);
  const ValueId alpha = node.constant_like(0, double{node.attributes().number("alpha", 1.702f)});
  const ValueId gate = apply(node, Mode::sigmoid, {apply(node, Mode::mul, {x, alpha})});
  return {apply(node, Mode::mul, {x, gate})};
}

constexpr OpRow kRows[] = {
    {"Add", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::add>},
    {"And", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::logical_and>},
    {"BitShift", 11, kLastOpset, Operands::plain, bit_shift},
    {"Div", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::div>},
    {"Equal", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::equal>},
    {"Greater", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::greater>},
    {"GreaterOrEqual", 12, kLastOpset, Operands::plain, binary<Mode::greater_equal>},
    {"Less", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::less>},
    {"LessOrEqual", 12, kLastOpset, Operands::plain, binary<Mode::less_equal>},
    {"Max", kFirstOpset, kLastOpset, Operands::plain, variadic<Mode::max>},
    {"Mean", kFirstOpset, kLastOpset, Operands::plain, mean},
    {"Min", kFirstOpset, kLastOpset, Operands::plain, variadic<Mode::min>},
    {"Mod", 10, kLastOpset, Operands::plain, mod},
    {"Mul", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::mul>},
    {"Or", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::logical_or>},
    {"PRelu", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::prelu>},
    {"Pow", kFirstOpset, kLastOpset, Operands::plain, pow},
    {"QuickGelu", 1, 1, Operands::plain, quick_gelu, kMicrosoft},
    {"Sub", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::sub>},
    {"Sum", kFirstOpset, kLastOpset, Operands::plain, variadic<Mode::add>},
    {"Where", 9, kLastOpset, Operands::plain, where},
    {"Xor", kFirstOpset, kLastOpset, Operands::plain, binary<Mode::logical_xor>},
};

}  // namespace

std::span<const OpRow> binary_operators() { return kRows; }

}  // namespace octet::onnx
