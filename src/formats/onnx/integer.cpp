// MatMulInteger and ConvInteger: exact s32 sums of (a - za) * (b - zb); and the forms of
// com.microsoft that scale them at once.
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/quantised.hpp"
#include "formats/onnx/window.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/matmul.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

constexpr OutputSpec kSums{DType::s32, std::nullopt};

// A zero point is said by a quantisation of scale 1.
ValueId with_zero_points(const OnnxNode& node, std::size_t value, std::size_t zero_point,
                         std::int64_t axis) {
  if (!node.has_input(zero_point)) return node.plain(node.input(value));
  Quant quant;
  for (const std::int64_t point : node.known_integers(zero_point, "the zero point"))
    quant.zero_points.push_back(static_cast<std::int32_t>(point));
  if (quant.zero_points.empty()) node.invalid("the zero point is empty");
  quant.scales.assign(quant.zero_points.size(), 1.0f);
  if (quant.scales.size() > 1) quant.axis = static_cast<int>(node.axis(axis, node.rank(value)));
  return with_quant(node, node.plain(node.input(value)), quant);
}

// A value like `value`, full of ones.
ValueId ones_like(const OnnxNode& node, ValueId value) {
  const ValueId one = node.graph().add_constant(scalar_tensor(node.graph().type(value).dtype, 1.0));
  const ValueId shape = node.add(make_op<ShapeOf>(), {value});
  Expand expand;
  expand.exact = true;
  return node.add(make_op<Expand>(expand), {one, shape});
}

// The product of input 0 and input 1 by `op`. A zero point of input 0 that the graph computes
// (after DynamicQuantizeLinear, say) is taken out afterwards: sum((a-za)*b) = sum(a*b) - za *
// sum(1*b).
template <typename Op>
ValueId product(const OnnxNode& node, const Op& op, ValueId b, std::int64_t row_axis,
                const Geometry& geometry) {
  const auto multiply = [&](ValueId a) {
    return node.plain(node.add(make_op<Op>(op), {to_2d(node, geometry, a), b}));
  };
  const bool computed = node.has_input(2) && node.graph().known(node.input(2)) == nullptr;
  if (!computed) return multiply(with_zero_points(node, 0, 2, row_axis));
  if (node.shape(2).elements() != 1)
    node.unsupported("a computed zero point per row is not supported");
  const ValueId a = node.plain(node.input(0));
  const ValueId zero_point = node.cast(node.plain(node.input(2)), DType::s32);
  const ValueId correction = apply(node, Mode::mul, {multiply(ones_like(node, a)), zero_point});
  return apply(node, Mode::sub, {multiply(a), correction});
}

std::vector<ValueId> matmul_integer(OnnxNode& node) {
  MatMul op;
  op.output = kSums;
  op.rule = EpilogueRule::onnx;
  const ValueId b = with_zero_points(node, 1, 3, -1);
  return {product(node, op, b, -2, Geometry{})};
}

// The node's sums, then floats: sum * (scale_a * scale_b) + bias. `operands` are as MatMulInteger
// has them.
ValueId scaled_product(OnnxNode& node, std::vector<ValueId> operands, ValueId scale_a,
                       ValueId scale_b, ValueId bias) {
  node.inputs() = std::move(operands);
  const ValueId sums = node.cast(matmul_integer(node).front(), DType::f32);
  const ValueId scale = apply(node, Mode::mul, {scale_a, scale_b});
  const ValueId product = apply(node, Mode::mul, {sums, scale});
  return bias == kNoValue ? product : apply(node, Mode::add, {product, bias});
}

std::vector<ValueId> matmul_integer_to_float(OnnxNode& node) {
  std::vector<ValueId> operands{node.input(0), node.input(1), node.optional(4), node.optional(5)};
  return {
      scaled_product(node, std::move(operands), node.input(2), node.input(3), node.optional(6))};
}

std::vector<ValueId> dynamic_quantize_matmul(OnnxNode& node) {
  const std::vector<ValueId> a = node.add_node(make_op<DynamicQuantize>(), {node.input(0)});
  std::vector<ValueId> operands{a[0], node.input(1), a[2], node.optional(3)};
  return {scaled_product(node, std::move(operands), a[1], node.input(2), node.optional(4))};
}

std::vector<ValueId> conv_integer(OnnxNode& node) {
  if (node.rank(0) < 3 || node.rank(1) != node.rank(0))
    node.invalid("the filter does not fit the input");
  const Geometry geometry = read_geometry(node, node.shape(1).extents().subspan(2));
  Conv2d op;
  op.window = geometry.window;
  op.groups = node.attributes().integer("group", 1);
  op.output = kSums;
  op.rule = EpilogueRule::onnx;
  const ValueId filter = to_2d(node, geometry, with_zero_points(node, 1, 3, 0));
  return {from_2d(node, geometry, product(node, op, filter, 0, geometry))};
}

constexpr OpRow kRows[] = {
    {"ConvInteger", 10, kLastOpset, Operands::as_is, conv_integer},
    {"DynamicQuantizeMatMul", 1, 1, Operands::as_is, dynamic_quantize_matmul, kMicrosoft},
    {"MatMulInteger", 10, kLastOpset, Operands::as_is, matmul_integer},
    {"MatMulIntegerToFloat", 1, 1, Operands::as_is, matmul_integer_to_float, kMicrosoft},
};

}  // namespace

std::span<const OpRow> integer_operators() { return kRows; }

}  // namespace octet::onnx
