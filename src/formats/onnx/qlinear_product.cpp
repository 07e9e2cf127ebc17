// QLinearConv, QLinearMatMul and QGemm: exact sums, one requantisation.
#include "base/format.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/quantised.hpp"
#include "formats/onnx/window.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/matmul.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> qlinear_conv(OnnxNode& node) {
  refuse_channels_last(node);
  if (node.rank(0) < 3 || node.rank(3) != node.rank(0))
    node.invalid(concat("the filter ", node.shape(3).to_string(), " does not fit the input ",
                        node.shape(0).to_string()));
  const Geometry geometry = read_geometry(node, node.shape(3).extents().subspan(2));
  Conv2d op;
  op.window = geometry.window;
  op.groups = node.attributes().integer("group", 1);
  op.rule = EpilogueRule::onnx;
  op.output = known_output(node, {6, 7});
  std::vector<ValueId> inputs{to_2d(node, geometry, quantised_input(node, 0, {1, 2})),
                              to_2d(node, geometry, quantised_input(node, 3, {4, 5}))};
  if (node.has_input(8)) inputs.push_back(node.plain(node.input(8)));
  return {from_2d(node, geometry, node.add(make_op<Conv2d>(op), std::move(inputs)))};
}

std::vector<ValueId> qlinear_matmul(OnnxNode& node) {
  MatMul op;
  op.output = known_output(node, {6, 7});
  op.rule = EpilogueRule::onnx;
  // One scale per column of b; one per row of a has no kernel and no model in the field.
  const ValueId a = quantised_input(node, 0, {1, 2}, -2);
  if (!node.graph().type(a).quant->is_per_tensor())
    node.unsupported("one scale per row of the first operand is not supported");
  return {node.add(make_op<MatMul>(op), {a, quantised_input(node, 3, {4, 5}, -1)})};
}

// alpha multiplies the scale of the product, which is also how the bias is scaled.
ValueId scaled(const OnnxNode& node, ValueId value, float alpha) {
  if (alpha == 1.0f) return value;
  Quant quant = *node.graph().type(value).quant;
  if (!(alpha > 0.0f)) node.unsupported("alpha must be positive");
  quant.scales[0] *= alpha;
  return with_quant(node, value, quant);
}

// Inputs: a, scale, zero point, b, scale, zero point, bias, then scale and zero point of y or none
// of them, which asks for floats.
std::vector<ValueId> qgemm(OnnxNode& node) {
  MatMul op;
  op.transpose_a = node.attributes().flag("transA", false);
  op.transpose_b = node.attributes().flag("transB", false);
  op.rule = EpilogueRule::onnx;
  op.output = node.has_input(7) ? known_output(node, {7, 8}) : OutputSpec{};
  const ValueId a = quantised_input(node, 0, {1, 2});
  if (!node.graph().type(a).quant->is_per_tensor())
    node.unsupported("the first operand has several scales");
  std::vector<ValueId> inputs{scaled(node, a, node.attributes().number("alpha", 1.0f)),
                              quantised_input(node, 3, {4, 5}, op.transpose_b ? 0 : 1)};
  if (node.has_input(6)) inputs.push_back(node.plain(node.input(6)));
  return {node.add(make_op<MatMul>(op), std::move(inputs))};
}

constexpr OpRow kRows[] = {
    {"QLinearConv", 10, kLastOpset, Operands::as_is, qlinear_conv},
    {"QLinearConv", 1, 1, Operands::as_is, qlinear_conv, kMicrosoft},
    {"QLinearMatMul", 10, kLastOpset, Operands::as_is, qlinear_matmul},
    {"QGemm", 1, 1, Operands::as_is, qgemm, kMicrosoft},
};

}  // namespace

std::span<const OpRow> qlinear_product_operators() { return kRows; }

}  // namespace octet::onnx
