// Concat and Split: one axis put together from parts, or taken apart.
#include <algorithm>
#include <cstring>
#include <octet/status.hpp>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// A value seen as `rows` pieces, each of which holds a stretch of the axis and all axes behind it.
struct Rows {
  std::size_t count = 1;  // pieces
  std::size_t bytes = 0;  // per piece
};

Rows rows_of(const TensorType& type, std::size_t axis) {
  Rows rows;
  rows.bytes = size_of(type.dtype);
  for (std::size_t i = 0; i < type.shape.rank(); ++i)
    (i < axis ? rows.count : rows.bytes) *= static_cast<std::size_t>(type.shape[i]);
  return rows;
}

void require_same_but_axis(const TensorType& first, const TensorType& other, std::size_t axis,
                           std::size_t index) {
  Shape shape = other.shape;
  if (shape.rank() == first.shape.rank()) shape[axis] = first.shape[axis];
  if (other.dtype == first.dtype && other.quant == first.quant && shape == first.shape) return;
  throw Error(StatusCode::invalid_model,
              concat("inputs 0 and ", index, " do not fit together along axis ", axis, ": ",
                     first.to_string(), " and ", other.to_string()));
}

std::vector<std::int64_t> equal_parts(std::int64_t extent, std::int64_t parts) {
  if (parts > static_cast<std::int64_t>(limits::kNodes))
    throw Error(StatusCode::resource_exhausted,
                concat("a split into ", parts, " parts is above the limit of ", limits::kNodes));
  const std::int64_t size = extent / parts + (extent % parts != 0 ? 1 : 0);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts), size);
  sizes.back() = extent - size * (parts - 1);
  require(sizes.back() > 0 || (sizes.back() == 0 && extent == 0), "an axis of extent ", extent,
          " cannot be split into ", parts, " parts");
  return sizes;
}

std::vector<std::int64_t> given_parts(const InferArgs& args) {
  if (args.count() == 2) return known_integers(args, 1, "split");
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 1; i < args.count(); ++i)
    sizes.push_back(known_integer(args, i, concat("size ", i - 1)));
  return sizes;
}

std::vector<std::int64_t> part_sizes(const Split& op, const InferArgs& args, std::int64_t extent) {
  require(op.parts >= 0, "a value cannot be split into ", op.parts, " parts");
  if (op.parts > 0) return equal_parts(extent, op.parts);
  const std::vector<std::int64_t> sizes = given_parts(args);
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) {
    require(size >= 0, "a part has the size ", size);
    sum = checked_add(sum, size);
  }
  require(!sizes.empty() && sum == extent, "the parts {", join(sizes, ","),
          "} do not add up to the extent ", extent);
  return sizes;
}

}  // namespace

void Concat::visit(AttributeVisitor& visitor) const { visitor.integer("axis", axis); }

std::vector<TensorType> Concat::infer(const InferArgs& args) const {
  require_inputs(args, 1, limits::kNodes);
  const TensorType& first = args.types[0];
  const std::size_t along = resolve_axis(axis, first.shape.rank());
  require_common_scale(first, along, "concatenation along");
  std::vector<std::int64_t> extents(first.shape.begin(), first.shape.end());
  for (std::size_t i = 1; i < args.count(); ++i) {
    require_same_but_axis(first, args.types[i], along, i);
    extents[along] = checked_add(extents[along], args.types[i].shape[along]);
  }
  return {with_shape(first, checked_shape(extents))};
}

void Concat::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const std::size_t along = resolve_axis(axis, outputs[0].shape().rank());
  const Rows out = rows_of(*outputs[0].type, along);
  std::size_t begin = 0;
  for (const ConstView& x : inputs) {
    const Rows part = rows_of(*x.type, along);
    if (part.bytes > 0)
      for (std::size_t row = 0; row < out.count; ++row)
        std::memcpy(outputs[0].data + row * out.bytes + begin, x.data + row * part.bytes,
                    part.bytes);
    begin += part.bytes;
  }
}

void Split::visit(AttributeVisitor& visitor) const {
  visitor.integer("axis", axis);
  if (parts > 0) visitor.integer("parts", parts);
}

std::vector<TensorType> Split::infer(const InferArgs& args) const {
  require_inputs(args, 1, parts > 0 ? 1 : limits::kNodes);
  const TensorType& x = args.types[0];
  const std::size_t along = resolve_axis(axis, x.shape.rank());
  require_common_scale(x, along, "a split along");
  std::vector<TensorType> outputs;
  for (const std::int64_t size : part_sizes(*this, args, x.shape[along])) {
    outputs.push_back(with_shape(x, x.shape));
    outputs.back().shape[along] = size;
  }
  return outputs;
}

void Split::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const std::size_t along = resolve_axis(axis, inputs[0].shape().rank());
  const Rows in = rows_of(*inputs[0].type, along);
  std::size_t begin = 0;
  for (const View& y : outputs) {
    const Rows part = rows_of(*y.type, along);
    if (part.bytes > 0)
      for (std::size_t row = 0; row < in.count; ++row)
        std::memcpy(y.data + row * part.bytes, inputs[0].data + row * in.bytes + begin, part.bytes);
    begin += part.bytes;
  }
}

}  // namespace octet
