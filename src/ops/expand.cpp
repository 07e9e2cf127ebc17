// Expand and Tile: outputs that read some elements of the input several times.
#include <octet/status.hpp>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/shape.hpp"

namespace octet {

void Expand::visit(AttributeVisitor& visitor) const {
  if (exact) visitor.integer("exact", 1);
}

std::vector<TensorType> Expand::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType& x = args.types[0];
  const Shape target = checked_shape(known_integers(args, 1, "shape"));
  const Shape shape = checked_shape(broadcast(x.shape, target).extents());
  require(!exact || shape == target, "a value of shape ", x.shape.to_string(),
          " does not broadcast to ", target.to_string());
  TensorType y = with_shape(x, shape);
  const auto added = static_cast<int>(shape.rank() - x.shape.rank());
  move_channel_axis(y, channel_axis(x) + added);
  return {y};
}

void Expand::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  gather_by_offsets(inputs[0], outputs[0], broadcast_table(inputs[0].shape(), outputs[0].shape()));
}

void Tile::visit(AttributeVisitor&) const {}

std::vector<TensorType> Tile::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType& x = args.types[0];
  const std::vector<std::int64_t> repeats = known_integers(args, 1, "repeats");
  require(repeats.size() == x.shape.rank(), "there are ", repeats.size(),
          " repeats for a value of shape ", x.shape.to_string());
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
    require(repeats[axis] >= 0, "axis ", axis, " is repeated ", repeats[axis], " times");
    if (repeats[axis] != 1) require_common_scale(x, axis, "repeating");
    extents.push_back(checked_mul(x.shape[axis], repeats[axis]));
  }
  return {with_shape(x, checked_shape(extents))};
}

void Tile::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape &x = inputs[0].shape(), &y = outputs[0].shape();
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  for (std::size_t axis = 0; axis < y.rank(); ++axis) {
    std::vector<std::int64_t>& offsets = table.emplace_back();
    for (std::int64_t i = 0; i < y[axis]; ++i) offsets.push_back(i % x[axis] * strides[axis]);
  }
  gather_by_offsets(inputs[0], outputs[0], table);
}

}  // namespace octet
