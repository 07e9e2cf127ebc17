// Operators on shapes.
#include "base/format.hpp"
#include "formats/onnx/exporter.hpp"
#include "ops/operands.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

// The shape operand of a Reshape, with -1 where ONNX looks for it.
std::string reshape_target(Exporter& e, const Node& node) {
  const Reshape& op = *node.as<Reshape>();
  const ValueId target = node.inputs[1];
  const Tensor* known = e.graph().known(target);
  if (op.infer_axis < 0 || known == nullptr) return e.int64(target);
  Ints extents = to_integers(ConstView(*known));
  const auto axis = static_cast<std::size_t>(op.infer_axis);
  if (axis >= extents.size()) Exporter::unsupported("a reshape of an axis it does not have");
  if (e.graph().value(target).is_constant()) {
    extents[axis] = -1;
    return e.integers(extents);
  }
  if (extents[axis] == -1) return e.int64(target);
  // The number that stands there is computed and has no meaning.
  return e.emit("ScatterElements",
                {e.int64(target), e.integers({op.infer_axis}), e.integers({-1})});
}

void export_reshape(Exporter& e, const Node& node) {
  const ValueId y = node.outputs[0];
  const bool literal_zero = !node.as<Reshape>()->zero_copies && e.type(y).shape.elements() == 0;
  AttributeList attributes;
  if (literal_zero) e.require_opset(14, "a reshape to an extent of 0");
  if (literal_zero) attributes.emplace_back("allowzero", std::int64_t{1});
  e.define_moved(y,
                 e.emit("Reshape", {e.moved(node.inputs[0]), reshape_target(e, node)}, attributes));
}

void export_squeeze(Exporter& e, const Node& node) {
  const Squeeze& op = *node.as<Squeeze>();
  std::vector<std::string> inputs{e.moved(node.inputs[0])};
  if (!op.axes.empty()) inputs.push_back(e.integers(op.axes));
  e.define_moved(node.outputs[0], e.emit("Squeeze", inputs));
}

void export_unsqueeze(Exporter& e, const Node& node) {
  e.define_moved(node.outputs[0], e.emit("Unsqueeze", {e.moved(node.inputs[0]),
                                                       e.integers(node.as<Unsqueeze>()->axes)}));
}

void export_flatten(Exporter& e, const Node& node) {
  const std::int64_t axis = node.as<Flatten>()->axis;
  e.define_moved(node.outputs[0], e.emit("Flatten", {e.moved(node.inputs[0])}, {{"axis", axis}}));
}

void export_expand(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.emit("Expand", {e.stored(node.inputs[0]), e.int64(node.inputs[1])}));
}

void export_shape_of(Exporter& e, const Node& node) {
  const ShapeOf& op = *node.as<ShapeOf>();
  if (node.inputs.size() != 1) Exporter::unsupported("the common shape of several values");
  const std::string x = e.stored(node.inputs[0]);
  std::string shape;
  if (op.size_only) {
    shape = e.emit("Size", {x});
  } else {
    AttributeList range;
    const std::int64_t start = op.axis.value_or(op.start);
    if (start != 0) range.emplace_back("start", start);
    // Beyond the last axis there is no end to name.
    if (op.axis && *op.axis != -1) range.emplace_back("end", *op.axis + 1);
    else if (!op.axis && op.end) range.emplace_back("end", *op.end);
    if (!range.empty()) e.require_opset(15, "a part of a shape");
    shape = e.emit("Shape", {x}, range);
  }
  if (op.dtype != DType::s64)
    shape = e.emit("Cast", {shape}, {{"to", std::int64_t{data_type_of(op.dtype)}}});
  e.define(node.outputs[0], shape);
}

void export_constant_of_shape(Exporter& e, const Node& node) {
  const Tensor& value = node.as<ConstantOfShape>()->value;
  const std::string scalar = e.builder().add_initializer(value, "value");
  const std::string element = e.emit("Reshape", {scalar, e.integers({1})});
  e.define(node.outputs[0], e.emit("Expand", {element, e.int64(node.inputs[0])}));
}

void export_range(Exporter& e, const Node& node) {
  std::vector<std::string> inputs;
  for (const ValueId input : node.inputs) {
    const std::string name = e.stored(input);
    inputs.push_back(e.type(input).shape.rank() == 0 ? name
                                                     : e.emit("Squeeze", {name, e.integers({0})}));
  }
  e.define(node.outputs[0], e.emit("Range", inputs));
}

constexpr ExportRow kRows[] = {
    {Reshape::kKind, export_reshape},
    {Squeeze::kKind, export_squeeze},
    {Unsqueeze::kKind, export_unsqueeze},
    {Flatten::kKind, export_flatten},
    {Expand::kKind, export_expand},
    {ShapeOf::kKind, export_shape_of},
    {ConstantOfShape::kKind, export_constant_of_shape},
    {Range::kKind, export_range},
};

}  // namespace

std::span<const ExportRow> shape_exports() { return kRows; }

}  // namespace octet::onnx
