// MegEngine's Subtensor and SetSubtensor: a part of a value that begin, end, step and index name.
#include <octet/status.hpp>
#include <type_traits>

#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/elements.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/subtensor_items.hpp"

namespace octet {
namespace {

// Resolves the items with every index turned into a range of one element.
std::vector<AxisPick> resolve_part(std::span<const SubtensorItem> items, const Shape& x,
                                   std::size_t first_input, const NumberOf& number) {
  std::vector<AxisPick> picks = resolve_items(items, x, first_input, number);
  for (std::size_t axis = 0; axis < picks.size(); ++axis)
    if (picks[axis].index_input)
      picks[axis].range = {resolve_index(number(*picks[axis].index_input), x[axis]), 1, 1};
  return picks;
}

TensorType part_type(const TensorType& x, std::span<const AxisPick> picks) {
  TensorType y = with_shape(x, {});
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    if (changes_axis(picks[axis], x.shape[axis])) require_common_scale(x, axis, "taking a part of");
    if (channel_axis(x) == static_cast<int>(axis))
      move_channel_axis(y, static_cast<int>(y.shape.rank()));
    if (!picks[axis].index_input) y.shape.push_back(picks[axis].range.count);
  }
  return y;
}

OffsetTable offsets_of(const Shape& x, std::span<const AxisPick> picks) {
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  for (std::size_t axis = 0; axis < picks.size(); ++axis) {
    const AxisRange& range = picks[axis].range;
    table.push_back(regular_offsets(range.count, range.first, range.step, strides[axis]));
  }
  return table;
}

// Integers of four bits and booleans do not wrap as their storage does.
bool can_add(const TensorType& type) {
  const DType dtype = type.dtype;
  return !type.is_quantised() && dtype != DType::s4 && dtype != DType::u4 &&
         dtype != DType::boolean;
}

void add_to(Tensor& part, const ConstView& value) {
  with_storage(part.dtype(), [&]<typename T>(std::type_identity<T>) {
    const T* from = value.as<T>();
    for (T& sum : part.mutable_values<T>()) {
      if constexpr (std::is_integral_v<T>) {
        // Wraps as the framework's integers do, without signed overflow.
        sum = static_cast<T>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(*from++));
      } else {
        sum = T(sum + *from++);
      }
    }
  });
}

}  // namespace

void Subtensor::visit(AttributeVisitor& visitor) const { visit_items(visitor, items); }

std::vector<TensorType> Subtensor::infer(const InferArgs& args) const {
  require_item_inputs(items, args, 1);
  const TensorType& x = args.types[0];
  return {part_type(x, resolve_part(items, x.shape, 1, known_numbers(args)))};
}

void Subtensor::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const std::vector<AxisPick> picks = resolve_part(items, x, 1, given_numbers(inputs));
  gather_by_offsets(inputs[0], outputs[0], offsets_of(x, picks));
}

void SetSubtensor::visit(AttributeVisitor& visitor) const {
  visit_items(visitor, items);
  if (add) visitor.integer("add", 1);
}

std::vector<TensorType> SetSubtensor::infer(const InferArgs& args) const {
  require_item_inputs(items, args, 2);
  const TensorType& x = args.types[0];
  const TensorType part = part_type(x, resolve_part(items, x.shape, 2, known_numbers(args)));
  const TensorType& value = args.types[1];
  require(value == part, "a value of type ", value.to_string(), " cannot replace a part of type ",
          part.to_string());
  require_supported(!add || can_add(x), "adding to a part of ", x.to_string());
  return {with_shape(x, x.shape)};
}

void SetSubtensor::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const OffsetTable table = offsets_of(x, resolve_part(items, x, 2, given_numbers(inputs)));
  copy_bytes(inputs[0], outputs[0]);
  if (!add) return scatter_by_offsets(inputs[1], outputs[0], table);
  Tensor part(*inputs[1].type);
  gather_by_offsets(inputs[0], part, table);
  add_to(part, inputs[1]);
  scatter_by_offsets(part, outputs[0], table);
}

}  // namespace octet
