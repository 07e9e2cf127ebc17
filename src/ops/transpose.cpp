#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// For each output axis the input axis it comes from.
std::vector<std::size_t> sources(std::span<const std::int64_t> permutation, std::size_t rank) {
  if (permutation.empty()) {
    std::vector<std::size_t> reversed;
    for (std::size_t axis = rank; axis-- > 0;) reversed.push_back(axis);
    return reversed;
  }
  require(permutation.size() == rank, "the permutation {", join(permutation, ","), "} has ",
          permutation.size(), " axes but the value has ", rank);
  return resolve_axes(permutation, rank);
}

}  // namespace

void Transpose::visit(AttributeVisitor& visitor) const {
  visitor.integers("permutation", permutation);
}

std::vector<TensorType> Transpose::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  const std::vector<std::size_t> from = sources(permutation, x.shape.rank());
  TensorType y = with_shape(x, {});
  const int channels = channel_axis(x);
  for (std::size_t axis = 0; axis < from.size(); ++axis) {
    y.shape.push_back(x.shape[from[axis]]);
    if (static_cast<int>(from[axis]) == channels) y.quant->axis = static_cast<int>(axis);
  }
  return {y};
}

void Transpose::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  for (const std::size_t axis : sources(permutation, x.rank()))
    table.push_back(regular_offsets(x[axis], 0, 1, strides[axis]));
  gather_by_offsets(inputs[0], outputs[0], table);
}

}  // namespace octet
