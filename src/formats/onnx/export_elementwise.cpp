// Elementwise functions: those that ONNX has, and those that are a few of them.
#include <algorithm>
#include <limits>

#include "base/format.hpp"
#include "formats/onnx/exporter.hpp"
#include "ops/elementwise.hpp"

namespace octet::onnx {
namespace {

using Mode = ElementwiseMode;
using Names = std::vector<std::string>;

// Modes that are one ONNX operator without attributes.
const char* plain_operator(Mode mode) {
  switch (mode) {
    case Mode::identity: return "Identity";
    case Mode::abs: return "Abs";
    case Mode::acos: return "Acos";
    case Mode::acosh: return "Acosh";
    case Mode::asin: return "Asin";
    case Mode::asinh: return "Asinh";
    case Mode::atan: return "Atan";
    case Mode::atanh: return "Atanh";
    case Mode::ceil: return "Ceil";
    case Mode::cos: return "Cos";
    case Mode::cosh: return "Cosh";
    case Mode::erf: return "Erf";
    case Mode::exp: return "Exp";
    case Mode::floor: return "Floor";
    case Mode::is_inf: return "IsInf";
    case Mode::is_nan: return "IsNaN";
    case Mode::log: return "Log";
    case Mode::logical_not: return "Not";
    case Mode::negate: return "Neg";
    case Mode::reciprocal: return "Reciprocal";
    case Mode::relu: return "Relu";
    case Mode::round_even: return "Round";
    case Mode::sigmoid: return "Sigmoid";
    case Mode::sign: return "Sign";
    case Mode::sin: return "Sin";
    case Mode::sinh: return "Sinh";
    case Mode::softplus: return "Softplus";
    case Mode::softsign: return "Softsign";
    case Mode::sqrt: return "Sqrt";
    case Mode::tan: return "Tan";
    case Mode::tanh: return "Tanh";
    case Mode::add: return "Add";
    case Mode::sub: return "Sub";
    case Mode::mul: return "Mul";
    case Mode::div: return "Div";
    case Mode::min: return "Min";
    case Mode::max: return "Max";
    case Mode::mod: return "Mod";
    case Mode::pow: return "Pow";
    case Mode::prelu: return "PRelu";
    case Mode::equal: return "Equal";
    case Mode::less: return "Less";
    case Mode::less_equal: return "LessOrEqual";
    case Mode::greater: return "Greater";
    case Mode::greater_equal: return "GreaterOrEqual";
    case Mode::logical_and: return "And";
    case Mode::logical_or: return "Or";
    case Mode::logical_xor: return "Xor";
    case Mode::where: return "Where";
    default: return nullptr;
  }
}

// Modes that are one ONNX operator with attributes; empty for others.
std::string with_attributes(Exporter& e, const Elementwise& op, const Names& x) {
  switch (op.mode) {
    case Mode::elu: return e.emit("Elu", x, {{"alpha", op.alpha}});
    case Mode::selu: return e.emit("Selu", x, {{"alpha", op.alpha}, {"gamma", op.beta}});
    case Mode::celu: return e.emit("Celu", x, {{"alpha", op.alpha}});
    case Mode::leaky_relu: return e.emit("LeakyRelu", x, {{"alpha", op.alpha}});
    case Mode::thresholded_relu: return e.emit("ThresholdedRelu", x, {{"alpha", op.alpha}});
    case Mode::hard_sigmoid:
      return e.emit("HardSigmoid", x, {{"alpha", op.alpha}, {"beta", op.beta}});
    case Mode::h_sigmoid: return e.emit("HardSigmoid", x, {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}});
    case Mode::fmod: return e.emit("Mod", x, {{"fmod", std::int64_t{1}}});
    case Mode::shift_left: return e.emit("BitShift", x, {{"direction", std::string("LEFT")}});
    case Mode::shift_right: return e.emit("BitShift", x, {{"direction", std::string("RIGHT")}});
    default: return {};
  }
}

std::string gelu(Exporter& e, const std::string& x) {
  constexpr float kInverseRootOfTwo = 0.70710678f;
  const std::string erf = e.emit("Erf", {e.emit("Mul", {x, e.number(kInverseRootOfTwo)})});
  const std::string half = e.emit("Mul", {x, e.number(0.5f)});
  return e.emit("Mul", {half, e.emit("Add", {erf, e.number(1.0f)})});
}

// Half away from zero, which ONNX's Round is not.
std::string round_away(Exporter& e, const std::string& x) {
  const std::string shifted = e.emit("Add", {e.emit("Abs", {x}), e.number(0.5f)});
  return e.emit("Mul", {e.emit("Sign", {x}), e.emit("Floor", {shifted})});
}

// Modes that are several ONNX operators, on floats.
std::string composed(Exporter& e, const Elementwise& op, const Names& x) {
  const auto sum = [&] { return e.emit("Add", {x[0], x[1]}); };
  switch (op.mode) {
    case Mode::clip: return e.emit("Clip", {x[0], e.number(op.alpha), e.number(op.beta)});
    case Mode::relu6: return e.emit("Clip", {x[0], e.number(0.0f), e.number(6.0f)});
    case Mode::square: return e.emit("Mul", {x[0], x[0]});
    case Mode::silu: return e.emit("Mul", {x[0], e.emit("Sigmoid", x)});
    case Mode::mish: return e.emit("Mul", {x[0], e.emit("Tanh", {e.emit("Softplus", x)})});
    case Mode::gelu: return gelu(e, x[0]);
    case Mode::round: return round_away(e, x[0]);
    case Mode::expm1: return e.emit("Sub", {e.emit("Exp", x), e.number(1.0f)});
    case Mode::log1p: return e.emit("Log", {e.emit("Add", {x[0], e.number(1.0f)})});
    case Mode::floor_div: return e.emit("Floor", {e.emit("Div", x)});
    case Mode::not_equal: return e.emit("Not", {e.emit("Equal", x)});
    case Mode::add_relu: return e.emit("Relu", {sum()});
    case Mode::add_sigmoid: return e.emit("Sigmoid", {sum()});
    case Mode::add_tanh: return e.emit("Tanh", {sum()});
    case Mode::h_swish: return e.hard_swish(x[0]);
    case Mode::add_h_swish: return e.hard_swish(sum());
    case Mode::mul_add3: return e.emit("Add", {e.emit("Mul", {x[0], x[1]}), x[2]});
    case Mode::mul_add4:
      return e.emit("Add", {e.emit("Mul", {x[0], x[1]}), e.emit("Mul", {x[2], x[3]})});
    case Mode::cond_leq_mov:
      return e.emit("Where", {e.emit("LessOrEqual", {x[0], x[1]}), x[2], e.number(0.0f)});
    case Mode::cond_lt_mov:
      return e.emit("Where", {e.emit("Less", {x[0], x[1]}), x[2], e.number(0.0f)});
    case Mode::switch_gt0:
      return e.emit("Where", {e.emit("Greater", {x[0], e.number(0.0f)}), x[1], e.number(0.0f)});
    default: Exporter::unsupported(concat("the elementwise function ", to_string(op.mode)));
  }
}

std::string apply(Exporter& e, const Elementwise& op, const Names& operands) {
  if (const char* type = plain_operator(op.mode)) return e.emit(type, operands);
  std::string result = with_attributes(e, op, operands);
  return result.empty() ? composed(e, op, operands) : result;
}

// These need no numbers of type f32.
bool works_on_stored(Mode mode) {
  return plain_operator(mode) != nullptr || mode == Mode::square || mode == Mode::not_equal ||
         mode == Mode::shift_left || mode == Mode::shift_right || mode == Mode::mul_add3 ||
         mode == Mode::mul_add4 || mode == Mode::add_relu || mode == Mode::fmod;
}

// Whether the function works on the numbers as they are stored: integers without a scale, sums of
// quantised products, floats of another width than 32 bits.
bool takes_stored(const Exporter& e, const Node& node, const Elementwise& op) {
  const TensorType& y = e.type(node.outputs[0]);
  if (y.dtype == DType::s32 && y.quant)
    return op.mode == Mode::add &&
           std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](ValueId operand) { return e.type(operand).dtype == DType::s32; });
  for (const ValueId operand : node.inputs)
    if (e.type(operand).quant || e.type(operand).dtype == DType::f32) return false;
  return true;
}

void export_elementwise(Exporter& e, const Node& node) {
  const Elementwise& op = *node.as<Elementwise>();
  const ValueId y = node.outputs[0];
  const TensorType& type = e.type(y);
  const bool as_stored = takes_stored(e, node, op);
  if (as_stored && !works_on_stored(op.mode))
    Exporter::unsupported(concat("the function ", to_string(op.mode), " of ",
                                 to_string(e.type(node.inputs[0]).dtype), " values"));
  if (as_stored && size_of(e.type(node.inputs[0]).dtype) < 4 &&
      is_integer(e.type(node.inputs[0]).dtype))
    e.require_opset(14, "a function of narrow integers");
  Names operands;
  for (const ValueId operand : node.inputs)
    operands.push_back(as_stored || e.type(operand).dtype == DType::boolean ? e.stored(operand)
                                                                            : e.real(operand));
  const std::string result = apply(e, op, operands);
  if (as_stored || type.dtype == DType::boolean) return e.define(y, result);
  const bool on_integers = !op.output;  // of one scale: nothing is rounded
  if (type.dtype == DType::f32 || type.quant)
    return e.define_real(y, result, on_integers ? QuantRule::onnx : op.rule);
  e.define(y, e.emit("Cast", {result}, {{"to", std::int64_t{data_type_of(type.dtype)}}}));
}

constexpr ExportRow kRows[] = {{Elementwise::kKind, export_elementwise}};

}  // namespace

std::span<const ExportRow> elementwise_exports() { return kRows; }

}  // namespace octet::onnx
