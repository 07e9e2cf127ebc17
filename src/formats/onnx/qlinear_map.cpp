// The QLinear operators of com.microsoft besides products: dequantise, compute in floats, quantise.
#include <algorithm>

#include "base/format.hpp"
#include "formats/onnx/elementwise.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/pooling.hpp"
#include "formats/onnx/quantised.hpp"
#include "ops/convert.hpp"
#include "ops/move.hpp"
#include "ops/reduce.hpp"

namespace octet::onnx {
namespace {

ValueId apply_quantised(const OnnxNode& node, Mode mode, std::vector<ValueId> operands,
                        const OutputSpec& output, float alpha = 0.0f) {
  Elementwise op;
  op.mode = mode;
  op.alpha = alpha;
  op.output = output;
  op.rule = QuantRule::onnx;
  return node.add(make_op<Elementwise>(op), std::move(operands));
}

template <Mode mode>
std::vector<ValueId> qlinear_binary(OnnxNode& node) {
  const ValueId a = quantised_input(node, 0, {1, 2}), b = quantised_input(node, 3, {4, 5});
  return {apply_quantised(node, mode, {a, b}, known_output(node, {6, 7}))};
}

std::vector<ValueId> qlinear_sigmoid(OnnxNode& node) {
  return {apply_quantised(node, Mode::sigmoid, {quantised_input(node, 0, {1, 2})},
                          known_output(node, {3, 4}))};
}

std::vector<ValueId> qlinear_leaky_relu(OnnxNode& node) {
  return {apply_quantised(node, Mode::leaky_relu, {quantised_input(node, 0, {1, 2})},
                          known_output(node, {3, 4}), node.attributes().number("alpha", 0.01f))};
}

std::vector<ValueId> qlinear_softmax(OnnxNode& node) {
  Softmax op;
  // `opset` says whose Softmax is meant: before 13 the axes from `axis` on count as one.
  op.flatten_from = node.attributes().required_integer("opset") < 13;
  op.axis = node.attributes().integer("axis", op.flatten_from ? 1 : -1);
  op.output = known_output(node, {3, 4});
  return {node.add(make_op<Softmax>(op), {quantised_input(node, 0, {1, 2})})};
}

ValueId add_quantised_pool(const OnnxNode& node, const Geometry& geometry, Pool2d op) {
  op.output = known_output(node, {3, 4});
  return add_pool(node, geometry, op, quantised_input(node, 0, {1, 2}));
}

// As much padding as lets the last windows of ceil_mode end in it.
void pad_last_windows(const OnnxNode& node, Pool2d& op) {
  const Shape& x = node.shape(0);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (x.rank() + axis < 4) continue;  // 1-D operators have no height
    const std::int64_t extent = x[x.rank() - 2 + axis];
    const std::int64_t last =
        op.window.stride[axis] *
        (window_positions(op.window, static_cast<int>(axis), extent, op.kernel[axis], true) - 1);
    const std::int64_t span = op.window.dilation[axis] * (op.kernel[axis] - 1) + 1;
    op.window.pad[axis + 2] =
        std::max(op.window.pad[axis + 2], last + span - extent - op.window.pad[axis]);
  }
  op.ceil_mode = false;
}

std::vector<ValueId> qlinear_average_pool(OnnxNode& node) {
  refuse_channels_last(node);
  const Geometry geometry = read_geometry(node);
  Pool2d op = windowed_pool(node, geometry, average_mode(node));
  // Where padding counts, ONNX Runtime divides by whole windows, also by what of them lies beyond
  // the padding; that of floats does not.
  if (op.ceil_mode && op.mode == PoolMode::average) pad_last_windows(node, op);
  return {add_quantised_pool(node, geometry, op)};
}

std::vector<ValueId> qlinear_global_average_pool(OnnxNode& node) {
  refuse_channels_last(node);
  Geometry geometry;
  const Pool2d op = global_pool(node, geometry, PoolMode::average);
  return {add_quantised_pool(node, geometry, op)};
}

std::vector<ValueId> qlinear_reduce_mean(OnnxNode& node) {
  Reduce op;
  op.mode = ReduceMode::mean;
  op.axes = node.attributes().integers("axes");
  op.keep_dims = node.attributes().flag("keepdims", true);
  const ValueId x = dequantise(node, quantised_input(node, 0, {1, 2}));
  return {quantise(node, node.add(make_op<Reduce>(op), {x}), known_output(node, {3, 4}))};
}

// Inputs: scale and zero point of y, then a value, its scale and its zero point, as often as
// needed.
std::vector<ValueId> qlinear_concat(OnnxNode& node) {
  if (node.input_count() < 5 || (node.input_count() - 2) % 3 != 0)
    node.invalid(concat(node.input_count(), " inputs are not 2 and a multiple of 3"));
  const OutputSpec output = known_output(node, {0, 1});
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i < node.input_count(); i += 3)
    parts.push_back(quantise(node, quantised_input(node, i, {i + 1, i + 2}), output));
  Concat op;
  op.axis = node.attributes().required_integer("axis");
  return {node.add(make_op<Concat>(op), std::move(parts))};
}

// Inputs: condition, x, scale, zero point, y, scale, zero point, scale and zero point of the
// result.
std::vector<ValueId> qlinear_where(OnnxNode& node) {
  const OutputSpec output = known_output(node, {7, 8});
  const ValueId x = quantise(node, quantised_input(node, 1, {2, 3}), output);
  const ValueId y = quantise(node, quantised_input(node, 4, {5, 6}), output);
  return {with_quant(node, apply(node, Mode::where, {node.input(0), node.plain(x), node.plain(y)}),
                     *output.quant)};
}

constexpr OpRow kRows[] = {
    {"QLinearAdd", 1, 1, Operands::as_is, qlinear_binary<Mode::add>, kMicrosoft},
    {"QLinearAveragePool", 1, 1, Operands::as_is, qlinear_average_pool, kMicrosoft},
    {"QLinearConcat", 1, 1, Operands::as_is, qlinear_concat, kMicrosoft},
    {"QLinearGlobalAveragePool", 1, 1, Operands::as_is, qlinear_global_average_pool, kMicrosoft},
    {"QLinearLeakyRelu", 1, 1, Operands::as_is, qlinear_leaky_relu, kMicrosoft},
    {"QLinearMul", 1, 1, Operands::as_is, qlinear_binary<Mode::mul>, kMicrosoft},
    {"QLinearReduceMean", 1, 1, Operands::as_is, qlinear_reduce_mean, kMicrosoft},
    {"QLinearSigmoid", 1, 1, Operands::as_is, qlinear_sigmoid, kMicrosoft},
    {"QLinearSoftmax", 1, 1, Operands::as_is, qlinear_softmax, kMicrosoft},
    {"QLinearWhere", 1, 1, Operands::as_is, qlinear_where, kMicrosoft},
};

}  // namespace

std::span<const OpRow> qlinear_map_operators() { return kRows; }

}  // namespace octet::onnx
