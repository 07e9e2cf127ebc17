#include "formats/onnx/index_grid.hpp"

#include "formats/onnx/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

// The extent of `axis`, s64 {1}.
ValueId extent_vector(const OnnxNode& node, ValueId x, std::int64_t axis) {
  ShapeOf op;
  op.axis = axis;
  return node.add(make_op<ShapeOf>(op), {x});
}

ValueId as_vector(const OnnxNode& node, ValueId source, const Extent& extent) {
  const ValueId factor = node.constant(std::span(&extent.factor, 1));
  if (extent.axis < 0) return factor;
  ValueId result = extent_vector(node, source, extent.axis);
  if (extent.factor != 1) result = apply(node, Mode::mul, {result, factor});
  if (extent.divisor != 1)
    result = apply(node, Mode::div, {result, node.constant(std::span(&extent.divisor, 1))});
  return result;
}

}  // namespace

ValueId extent_of(const OnnxNode& node, ValueId x, std::int64_t axis) {
  Squeeze squeeze;
  squeeze.axes = {0};
  return node.add(make_op<Squeeze>(squeeze), {extent_vector(node, x, axis)});
}

ValueId indices_along(const OnnxNode& node, ValueId x, std::int64_t axis) {
  return node.add(make_op<Range>(), {node.scalar(0), extent_of(node, x, axis), node.scalar(1)});
}

ValueId diagonals(const OnnxNode& node, ValueId x) {
  const auto rank = static_cast<std::int64_t>(node.graph().type(x).shape.rank());
  Unsqueeze unsqueeze;
  unsqueeze.axes = {1};
  const ValueId rows = node.add(make_op<Unsqueeze>(unsqueeze), {indices_along(node, x, rank - 2)});
  return apply(node, Mode::sub, {indices_along(node, x, rank - 1), rows});
}

ValueId shape_vector(const OnnxNode& node, ValueId source, std::span<const Extent> extents) {
  std::vector<ValueId> parts;
  for (const Extent& extent : extents) parts.push_back(as_vector(node, source, extent));
  return node.add(make_op<Concat>(), std::move(parts));
}

ValueId reshape_to(const OnnxNode& node, ValueId x, ValueId source,
                   std::span<const Extent> extents) {
  return node.add(make_op<Reshape>(), {x, shape_vector(node, source, extents)});
}

}  // namespace octet::onnx
