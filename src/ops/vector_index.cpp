#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/elementwise.hpp"
#include "ops/index_values.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/subtensor_items.hpp"

namespace octet {
namespace {

// The offsets that the indices of all indexed axes together lead to, in the order of their shape.
std::vector<std::int64_t> indexed_offsets(const Shape& x, std::span<const AxisPick> picks,
                                          std::span<const ConstView> inputs) {
  Shape shape;
  for (const AxisPick& pick : picks)
    if (pick.index_input) shape = broadcast(shape, inputs[*pick.index_input].shape());
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(shape.elements()), 0);
  const std::vector<std::int64_t> strides = strides_of(x);
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    if (!picks[axis].index_input) continue;
    const ConstView& input = inputs[*picks[axis].index_input];
    Tensor expanded(TensorType{input.dtype(), shape, kNCHW, std::nullopt});
    gather_by_offsets(input, expanded, broadcast_table(input.shape(), shape));
    const std::vector<std::int64_t> indices = read_indices(expanded, x[axis]);
    for (std::size_t i = 0; i < offsets.size(); ++i) offsets[i] += indices[i] * strides[axis];
  }
  return offsets;
}

}  // namespace

void VectorIndex::visit(AttributeVisitor& visitor) const { visit_items(visitor, items); }

std::vector<TensorType> VectorIndex::infer(const InferArgs& args) const {
  require_item_inputs(items, args, 1);
  const TensorType& x = args.types[0];
  const std::vector<AxisPick> picks = resolve_items(items, x.shape, 1, known_numbers(args));
  Shape shape;
  for (const AxisPick& pick : picks) {
    if (!pick.index_input) continue;
    require_index_type(args.types[*pick.index_input]);
    shape = broadcast(shape, args.types[*pick.index_input].shape);
  }
  std::vector<std::int64_t> extents;
  TensorType y = with_shape(x, {});
  bool placed = false;
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    if (changes_axis(picks[axis], x.shape[axis])) require_common_scale(x, axis, "indexing");
    if (channel_axis(x) == static_cast<int>(axis))
      move_channel_axis(y, static_cast<int>(extents.size()));
    if (!picks[axis].index_input) extents.push_back(picks[axis].range.count);
    if (picks[axis].index_input && !placed) {
      extents.insert(extents.end(), shape.begin(), shape.end());
      placed = true;
    }
  }
  require(placed, "no axis is indexed");
  y.shape = checked_shape(extents);
  return {y};
}

void VectorIndex::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const std::vector<AxisPick> picks = resolve_items(items, x, 1, given_numbers(inputs));
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  bool placed = false;
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    const AxisRange& range = picks[axis].range;
    if (!picks[axis].index_input) {
      table.push_back(regular_offsets(range.count, range.first, range.step, strides[axis]));
    } else if (!placed) {
      table.push_back(indexed_offsets(x, picks, inputs));
      placed = true;
    }
  }
  gather_by_offsets(inputs[0], outputs[0], table);
}

}  // namespace octet
