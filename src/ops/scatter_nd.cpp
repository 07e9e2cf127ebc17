#include <algorithm>
#include <cstring>

#include "ops/element_moves.hpp"
#include "ops/index_values.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// The shape that updates must have; `tuple` is how many axes of x an index names.
Shape updates_shape(const Shape& x, const Shape& indices, std::size_t tuple) {
  std::vector<std::int64_t> extents(indices.begin(), indices.end() - 1);
  extents.insert(extents.end(), x.begin() + tuple, x.end());
  return checked_shape(extents);
}

}  // namespace

std::vector<TensorType> ScatterND::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  const TensorType &x = args.types[0], &indices = args.types[1], &updates = args.types[2];
  require_index_type(indices);
  const std::int64_t tuple = indices.shape.rank() == 0 ? 0 : indices.shape.back();
  require(tuple >= 1 && tuple <= static_cast<std::int64_t>(x.shape.rank()), "indices of shape ",
          indices.shape.to_string(), " do not fit a value of shape ", x.shape.to_string());
  require_supported(channel_axis(x) < 0, "replacing slices of ", x.to_string(),
                    ", whose scales vary, is not supported");
  const Shape expected = updates_shape(x.shape, indices.shape, static_cast<std::size_t>(tuple));
  require(updates.dtype == x.dtype && updates.quant == x.quant && updates.shape == expected,
          "updates of type ", updates.to_string(), " do not fit ", x.to_string(),
          " and indices of shape ", indices.shape.to_string());
  return {with_shape(x, x.shape)};
}

void ScatterND::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_bytes(inputs[0], outputs[0]);
  const Shape &x = inputs[0].shape(), &indices = inputs[1].shape();
  const auto tuple = static_cast<std::size_t>(indices.back());
  const std::vector<std::int64_t> strides = strides_of(x);
  const std::size_t element = size_of(inputs[0].dtype());
  const auto block = static_cast<std::size_t>(strides[tuple - 1]) * element;
  const std::int64_t count = indices.elements() / indices.back();
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = 0;
    for (std::size_t k = 0; k < tuple; ++k)
      offset += read_index(inputs[1], i * indices.back() + static_cast<std::int64_t>(k), x[k]) *
                strides[k];
    if (block > 0)
      std::memcpy(outputs[0].data + static_cast<std::size_t>(offset) * element,
                  inputs[2].data + static_cast<std::size_t>(i) * block, block);
  }
}

}  // namespace octet
