// Gather, GatherElements, GatherND, ScatterElements, OneHot: elements picked by computed indices.
#include <algorithm>
#include <cstring>
#include <octet/status.hpp>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/index_values.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

std::vector<std::int64_t> extents_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

// x and indices of GatherElements and ScatterElements; gives the axis.
std::size_t check_elementwise(const TensorType& x, const TensorType& indices, std::int64_t axis) {
  require_index_type(indices);
  const std::size_t along = resolve_axis(axis, x.shape.rank());
  require_common_scale(x, along, "picking elements along");
  bool fits = indices.shape.rank() == x.shape.rank();
  for (std::size_t i = 0; fits && i < x.shape.rank(); ++i)
    fits = i == along || indices.shape[i] <= x.shape[i];
  require(fits, "indices of shape ", indices.shape.to_string(), " do not fit a value of shape ",
          x.shape.to_string(), " along axis ", along);
  return along;
}

// Calls f(i, offset) for each index i: offset is that of the element of x with the coordinates of
// i, but for `axis`, where the index stands.
template <typename F>
void for_each_indexed(const Shape& x, const ConstView& indices, std::size_t axis, const F& f) {
  const std::vector<std::int64_t> strides = strides_of(x);
  const std::vector<std::int64_t> from = strides_of(indices.shape());
  const std::int64_t count = indices.shape().elements();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = read_index(indices, i, x[axis]) * strides[axis];
    for (std::size_t a = 0; a < strides.size(); ++a)
      if (a != axis) offset += i / from[a] % indices.shape()[a] * strides[a];
    f(static_cast<std::size_t>(i), static_cast<std::size_t>(offset));
  }
}

}  // namespace

void Gather::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> Gather::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType &x = args.types[0], &indices = args.types[1];
  require_index_type(indices);
  const std::size_t along = resolve_axis(axis, x.shape.rank());
  require_common_scale(x, along, "picking slices along");
  std::vector<std::int64_t> extents = extents_of(x.shape);
  const auto place = extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(along));
  extents.insert(place, indices.shape.begin(), indices.shape.end());
  TensorType y = with_shape(x, checked_shape(extents));
  const int channels = channel_axis(x);
  if (channels > static_cast<int>(along))
    move_channel_axis(y, channels + static_cast<int>(indices.shape.rank()) - 1);
  return {y};
}

void Gather::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const std::size_t along = resolve_axis(axis, x.rank());
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (i == along) {
      table.push_back(read_indices(inputs[1], x[i]));
      for (std::int64_t& offset : table.back()) offset *= strides[i];
    } else {
      table.push_back(regular_offsets(x[i], 0, 1, strides[i]));
    }
  }
  gather_by_offsets(inputs[0], outputs[0], table);
}

void GatherElements::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> GatherElements::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  check_elementwise(args.types[0], args.types[1], axis);
  const TensorType y = with_shape(args.types[0], args.types[1].shape);
  const int channels = channel_axis(y);
  if (channels >= 0 && y.shape != args.types[0].shape)
    require_common_scale(y, static_cast<std::size_t>(channels), "picking elements across");
  return {y};
}

void GatherElements::compute(std::span<const ConstView> inputs,
                             std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const std::size_t element = size_of(inputs[0].dtype());
  for_each_indexed(
      x, inputs[1], resolve_axis(axis, x.rank()), [&](std::size_t i, std::size_t from) {
        std::memcpy(outputs[0].data + i * element, inputs[0].data + from * element, element);
      });
}

void GatherND::visit(AttributeVisitor& visitor) const { visitor.integer("batch_dims", batch_dims); }

std::vector<TensorType> GatherND::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType &x = args.types[0], &indices = args.types[1];
  require_index_type(indices);
  const std::size_t rank = x.shape.rank(), index_rank = indices.shape.rank();
  const auto batches = static_cast<std::size_t>(batch_dims);
  const bool has_tuples = batch_dims >= 0 && index_rank > batches && rank > batches;
  const std::int64_t tuple = has_tuples ? indices.shape.back() : 0;
  require(tuple >= 1 && tuple <= static_cast<std::int64_t>(rank - batches) &&
              std::equal(x.shape.begin(), x.shape.begin() + batches, indices.shape.begin()),
          "indices of shape ", indices.shape.to_string(), " cannot pick from a value of shape ",
          x.shape.to_string(), " with ", batch_dims, " batch axes");
  const int channels = channel_axis(x);
  if (channels >= 0)
    require_common_scale(x, static_cast<std::size_t>(channels), "picking elements across");
  std::vector<std::int64_t> extents(indices.shape.begin(), indices.shape.end() - 1);
  extents.insert(extents.end(), x.shape.begin() + batch_dims + tuple, x.shape.end());
  return {with_shape(x, checked_shape(extents))};
}

void GatherND::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape &x = inputs[0].shape(), &indices = inputs[1].shape();
  const std::int64_t tuple = indices.back(), count = indices.elements() / tuple;
  const auto batches = static_cast<std::size_t>(batch_dims);
  const std::vector<std::int64_t> strides = strides_of(x);
  const std::size_t last = batches + static_cast<std::size_t>(tuple) - 1;
  // How many tuples and how many elements of x belong to one batch.
  std::int64_t batch_count = 1, batch_size = 1;
  for (std::size_t i = 0; i < batches; ++i) batch_count *= x[i];
  for (std::size_t i = batches; i < x.rank(); ++i) batch_size *= x[i];
  const std::int64_t tuples_per_batch = batch_count == 0 ? 1 : count / batch_count;
  const auto block = static_cast<std::size_t>(strides[last]) * size_of(inputs[0].dtype());
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = i / tuples_per_batch * batch_size;
    for (std::int64_t k = 0; k < tuple; ++k) {
      const std::size_t axis = batches + static_cast<std::size_t>(k);
      offset += read_index(inputs[1], i * tuple + k, x[axis]) * strides[axis];
    }
    if (block > 0)
      std::memcpy(outputs[0].data + static_cast<std::size_t>(i) * block,
                  inputs[0].data + static_cast<std::size_t>(offset) * size_of(inputs[0].dtype()),
                  block);
  }
}

void ScatterElements::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> ScatterElements::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  const TensorType &x = args.types[0], &indices = args.types[1], &updates = args.types[2];
  check_elementwise(x, indices, axis);
  require(updates.dtype == x.dtype && updates.quant == x.quant && updates.shape == indices.shape,
          "updates of type ", updates.to_string(), " do not fit ", x.to_string(),
          " and indices of shape ", indices.shape.to_string());
  return {with_shape(x, x.shape)};
}

void ScatterElements::compute(std::span<const ConstView> inputs,
                              std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
  const Shape& x = inputs[0].shape();
  const std::size_t element = size_of(inputs[0].dtype());
  for_each_indexed(x, inputs[1], resolve_axis(axis, x.rank()), [&](std::size_t i, std::size_t to) {
    std::memcpy(outputs[0].data + to * element, inputs[2].data + i * element, element);
  });
}

void OneHot::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> OneHot::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  const TensorType &indices = args.types[0], &values = args.types[2];
  const std::int64_t depth = known_integer(args, 1, "depth");
  require(depth >= 1, "one_hot has the depth ", depth);
  require(values.shape.elements() == 2, "the values for off and on have the shape ",
          values.shape.to_string());
  std::vector<std::int64_t> extents = extents_of(indices.shape);
  const std::size_t along = resolve_axis(axis, extents.size() + 1);
  extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(along), depth);
  return {with_shape(values, checked_shape(extents))};
}

void OneHot::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& y = outputs[0].shape();
  const std::size_t along = resolve_axis(axis, y.rank());
  const std::int64_t depth = y[along], inner = strides_of(y)[along], count = y.elements();
  const std::vector<std::int64_t> indices = to_integers(inputs[0]);
  const std::size_t element = size_of(inputs[2].dtype());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t place = i / inner % depth;
    const std::int64_t index =
        indices[static_cast<std::size_t>(i / inner / depth * inner + i % inner)];
    // An index outside of [-depth, depth) turns nothing on.
    const bool on = index == place || index == place - depth;
    std::memcpy(outputs[0].data + static_cast<std::size_t>(i) * element,
                inputs[2].data + (on ? element : 0), element);
  }
}

}  // namespace octet
