// Operators that change the shape or read it.
#include "ops/shape.hpp"

#include "formats/onnx/axes.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> reshape(OnnxNode& node) {
  Reshape op;
  op.zero_copies = !node.attributes().flag("allowzero", false);
  return {node.add(make_op<Reshape>(op), {node.input(0), node.plain(node.input(1))})};
}

std::vector<ValueId> flatten(OnnxNode& node) {
  Flatten op;
  op.axis = node.attributes().integer("axis", 1);
  return {node.add(make_op<Flatten>(op), {node.input(0)})};
}

std::vector<ValueId> squeeze(OnnxNode& node) {
  Squeeze op;
  op.axes = read_axes(node, 1, 13);
  return {node.add(make_op<Squeeze>(op), {node.input(0)})};
}

std::vector<ValueId> unsqueeze(OnnxNode& node) {
  Unsqueeze op;
  op.axes = read_axes(node, 1, 13);
  return {node.add(make_op<Unsqueeze>(op), {node.input(0)})};
}

std::vector<ValueId> shape(OnnxNode& node) {
  ShapeOf op;
  op.start = node.attributes().integer("start", 0);
  if (node.attributes().has("end")) op.end = node.attributes().integer("end", 0);
  return {node.add(make_op<ShapeOf>(op), {node.input(0)})};
}

std::vector<ValueId> size(OnnxNode& node) {
  ShapeOf op;
  op.size_only = true;
  return {node.add(make_op<ShapeOf>(op), {node.input(0)})};
}

std::vector<ValueId> expand(OnnxNode& node) {
  return {node.add(make_op<Expand>(), {node.input(0), node.plain(node.input(1))})};
}

std::vector<ValueId> identity(OnnxNode& node) { return {node.input(0)}; }

// What Dropout keeps in inference: everything.
ValueId full_mask(const OnnxNode& node) {
  ConstantOfShape op;
  op.value = scalar_tensor(DType::boolean, 1.0);
  return node.add(make_op<ConstantOfShape>(op), {node.add(make_op<ShapeOf>(), {node.input(0)})});
}

std::vector<ValueId> dropout(OnnxNode& node) {
  node.attributes().ignore({"ratio", "seed"});
  if (node.has_input(2) && node.known_integers(2, "training_mode") != std::vector<std::int64_t>{0})
    node.unsupported("training mode is not supported");
  std::vector<ValueId> results{node.input(0)};
  if (node.wants_output(1)) {
    const ValueId mask = full_mask(node);
    // The mask had the type of the data before opset 10.
    results.push_back(node.opset() < 10 ? node.cast(mask, node.type(0).dtype) : mask);
  }
  return results;
}

constexpr OpRow kRows[] = {
    {"Dropout", kFirstOpset, kLastOpset, Operands::as_is, dropout},
    {"Expand", 8, kLastOpset, Operands::as_is, expand},
    {"Flatten", kFirstOpset, kLastOpset, Operands::as_is, flatten},
    {"Identity", kFirstOpset, kLastOpset, Operands::as_is, identity},
    {"Reshape", kFirstOpset, kLastOpset, Operands::as_is, reshape},
    {"Shape", kFirstOpset, kLastOpset, Operands::as_is, shape},
    {"Size", kFirstOpset, kLastOpset, Operands::as_is, size},
    {"Squeeze", kFirstOpset, kLastOpset, Operands::as_is, squeeze},
    {"Unsqueeze", kFirstOpset, kLastOpset, Operands::as_is, unsqueeze},
};

}  // namespace

std::span<const OpRow> shape_operators() { return kRows; }

}  // namespace octet::onnx
