// Operators whose output has the bytes of the input: reshape, squeeze, unsqueeze, flatten,
// identity.
#include <algorithm>
#include <array>
#include <octet/status.hpp>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/shape.hpp"

namespace octet {
namespace {

// Scales that vary along an axis need an axis of the new shape that has the same extent and the
// same number of elements behind it, or they could no longer be told.
TensorType reshaped(const TensorType& x, const Shape& shape) {
  TensorType y = with_shape(x, shape);
  const int channels = channel_axis(x);
  if (channels < 0) return y;
  const auto from = static_cast<std::size_t>(channels);
  const std::int64_t behind = strides_of(x.shape)[from];
  const std::vector<std::int64_t> strides = strides_of(shape);
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (strides[axis] != behind || shape[axis] != x.shape[from]) continue;
    move_channel_axis(y, static_cast<int>(axis));
    return y;
  }
  throw Error(StatusCode::unsupported,
              concat("a reshape of ", x.to_string(), " to ", shape.to_string(),
                     " breaks up the axis along which the scales vary"));
}

std::int64_t copied_extent(const Shape& x, std::size_t axis) {
  require(axis < x.rank(), "the target shape copies extent ", axis, " of a value of rank ",
          x.rank());
  return x[axis];
}

// The place of the extent that follows from the others, or target.size() when all are given.
std::size_t inferred_place(std::span<const std::int64_t> target, std::int64_t infer_axis) {
  if (infer_axis >= 0) {
    require(infer_axis < static_cast<std::int64_t>(target.size()), "the axis to infer is ",
            infer_axis, " but the target shape has ", target.size(), " extents");
    return static_cast<std::size_t>(infer_axis);
  }
  require(std::count(target.begin(), target.end(), -1) <= 1,
          "the target shape has more than one extent of -1");
  return static_cast<std::size_t>(std::find(target.begin(), target.end(), -1) - target.begin());
}

[[noreturn]] void does_not_fit(const Shape& x, std::span<const std::int64_t> target) {
  throw Error(StatusCode::invalid_model,
              concat("a value of shape ", x.to_string(), " cannot be reshaped to {",
                     join(target, ","), "}: the numbers of elements differ"));
}

Shape target_shape(const Reshape& op, const Shape& x, std::vector<std::int64_t> target) {
  const std::size_t inferred = inferred_place(target, op.infer_axis);
  std::int64_t others = 1;
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    if (axis == inferred) continue;
    if (target[axis] == 0 && op.zero_copies) target[axis] = copied_extent(x, axis);
    require(target[axis] >= 0, "the target shape has the negative extent ", target[axis]);
    others = checked_mul(others, target[axis]);
  }
  const std::int64_t elements = x.elements();
  if (inferred < target.size()) {
    target[inferred] = -1;  // as messages show it
    if (others == 0 || elements % others != 0) does_not_fit(x, target);
    target[inferred] = elements / others;
  } else if (others != elements) {
    does_not_fit(x, target);
  }
  return checked_shape(target);
}

}  // namespace

void Reshape::visit(AttributeVisitor& visitor) const {
  if (infer_axis >= 0) visitor.integer("infer_axis", infer_axis);
  if (zero_copies) visitor.integer("zero_copies", 1);
}

std::vector<TensorType> Reshape::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType& x = args.types[0];
  return {reshaped(x, target_shape(*this, x.shape, known_integers(args, 1, "shape")))};
}

void Reshape::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
}

void Squeeze::visit(AttributeVisitor& visitor) const { visitor.integers("axes", axes); }

std::vector<TensorType> Squeeze::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  const std::vector<std::size_t> named = resolve_axes(axes, x.shape.rank());
  Shape shape;
  for (std::size_t axis = 0; axis < x.shape.rank(); ++axis) {
    const bool is_named = std::find(named.begin(), named.end(), axis) != named.end();
    require(!is_named || x.shape[axis] == 1, "axis ", axis, " of a value of shape ",
            x.shape.to_string(), " cannot be removed");
    if (!is_named && !(axes.empty() && x.shape[axis] == 1)) shape.push_back(x.shape[axis]);
  }
  return {reshaped(x, shape)};
}

void Squeeze::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
}

void Unsqueeze::visit(AttributeVisitor& visitor) const { visitor.integers("axes", axes); }

std::vector<TensorType> Unsqueeze::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  const std::size_t rank = x.shape.rank() + axes.size();
  const std::vector<std::size_t> added = resolve_axes(axes, rank);
  Shape shape;
  std::size_t next = 0;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const bool is_added = std::find(added.begin(), added.end(), axis) != added.end();
    shape.push_back(is_added ? 1 : x.shape[next++]);
  }
  return {reshaped(x, shape)};
}

void Unsqueeze::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
}

void Flatten::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> Flatten::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  const std::size_t rank = x.shape.rank();
  // The axis may also stand behind the last one.
  const std::size_t split =
      axis == static_cast<std::int64_t>(rank) ? rank : resolve_axis(axis, rank);
  std::array<std::int64_t, 2> extents{1, 1};
  for (std::size_t i = 0; i < rank; ++i)
    extents[i < split ? 0 : 1] = checked_mul(extents[i < split ? 0 : 1], x.shape[i]);
  return {reshaped(x, checked_shape(extents))};
}

void Flatten::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
}

void Identity::visit(AttributeVisitor&) const {}

std::vector<TensorType> Identity::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  return {with_shape(args.types[0], args.types[0].shape)};
}

void Identity::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
}

}  // namespace octet
