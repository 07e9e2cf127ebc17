// MegEngine's Subtensor and SetSubtensor: a part of a value that begin, end, step and index name.
#include <octet/status.hpp>
#include <type_traits>

#include "base/format.hpp"
#include "ops/axis_range.hpp"
#include "ops/element_moves.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"

namespace octet {
namespace {

struct Selection {
  AxisRange range;
  bool removed = false;  // picked by an index: the axis is not in the result
};

std::vector<std::int64_t> item_axes(std::span<const SubtensorItem> items) {
  std::vector<std::int64_t> axes;
  for (const SubtensorItem& item : items) axes.push_back(item.axis);
  return axes;
}

std::size_t number_count(std::span<const SubtensorItem> items) {
  std::size_t count = 0;
  for (const SubtensorItem& item : items)
    count += static_cast<std::size_t>(item.begin + item.end + item.step + item.index);
  return count;
}

// One selection per axis of x. `numbers` are the scalars of the items, in their order.
std::vector<Selection> select(const Shape& x, std::span<const SubtensorItem> items,
                              std::span<const std::int64_t> numbers) {
  std::vector<Selection> selections;
  for (const std::int64_t extent : x) selections.push_back({{0, 1, extent}, false});
  const std::vector<std::size_t> axes = resolve_axes(item_axes(items), x.rank());
  std::size_t next = 0;
  const auto take = [&](bool present) {
    return present ? std::optional(numbers[next++]) : std::nullopt;
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SubtensorItem& item = items[i];
    if (item.index && (item.begin || item.end || item.step))
      throw Error(StatusCode::invalid_model,
                  concat("axis ", item.axis, " is both indexed and sliced"));
    const std::int64_t extent = x[axes[i]];
    const auto begin = take(item.begin), end = take(item.end), step = take(item.step);
    if (item.index) selections[axes[i]] = {{resolve_index(numbers[next++], extent), 1, 1}, true};
    else selections[axes[i]].range = resolve_range(begin, end, step.value_or(1), extent);
  }
  return selections;
}

std::vector<Selection> select_known(const Shape& x, std::span<const SubtensorItem> items,
                                    const InferArgs& args, std::size_t first_number) {
  const std::size_t count = first_number + number_count(items);
  require_inputs(args, count, count);
  std::vector<std::int64_t> numbers;
  for (std::size_t i = first_number; i < count; ++i)
    numbers.push_back(known_integer(args, i, concat("index ", i - first_number)));
  return select(x, items, numbers);
}

std::vector<Selection> select_from(const Shape& x, std::span<const SubtensorItem> items,
                                   std::span<const ConstView> number_inputs) {
  std::vector<std::int64_t> numbers;
  for (const ConstView& input : number_inputs) numbers.push_back(to_integers(input).at(0));
  return select(x, items, numbers);
}

TensorType part_type(const TensorType& x, std::span<const Selection> selections) {
  TensorType y = with_shape(x, {});
  for (std::size_t axis = 0; axis < selections.size(); ++axis) {
    const auto& [range, removed] = selections[axis];
    if (removed || range.step != 1 || range.count != x.shape[axis])
      require_common_scale(x, axis, "taking a part of");
    if (channel_axis(x) == static_cast<int>(axis))
      move_channel_axis(y, static_cast<int>(y.shape.rank()));
    if (!removed) y.shape.push_back(range.count);
  }
  return y;
}

// One list per axis that is not removed; what the removed ones contribute is added to the first.
OffsetTable offsets_of(const Shape& x, std::span<const Selection> selections) {
  const std::vector<std::int64_t> strides = strides_of(x);
  OffsetTable table;
  std::int64_t fixed = 0;
  for (std::size_t axis = 0; axis < selections.size(); ++axis) {
    const auto& [range, removed] = selections[axis];
    if (removed) fixed += range.first * strides[axis];
    else table.push_back(regular_offsets(range.count, range.first, range.step, strides[axis]));
  }
  if (table.empty()) table.push_back({0});  // a scalar
  for (std::int64_t& offset : table.front()) offset += fixed;
  return table;
}

template <typename T>
void add_values(const ConstView& value, Tensor& part) {
  const T* from = value.as<T>();
  for (T& sum : part.mutable_values<T>()) {
    if constexpr (std::is_integral_v<T>) {
      // Wraps as the framework's integers do, without signed overflow.
      sum = static_cast<T>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(*from++));
    } else {
      sum += *from++;
    }
  }
}

bool can_add(const TensorType& type) {
  switch (type.dtype) {
    case DType::f32:
    case DType::s8:
    case DType::u8:
    case DType::s16:
    case DType::s32:
    case DType::s64: return !type.is_quantised();
    default: return false;
  }
}

void add(const ConstView& value, Tensor& part) {
  switch (part.dtype()) {
    case DType::f32: return add_values<float>(value, part);
    case DType::s8: return add_values<std::int8_t>(value, part);
    case DType::u8: return add_values<std::uint8_t>(value, part);
    case DType::s16: return add_values<std::int16_t>(value, part);
    case DType::s32: return add_values<std::int32_t>(value, part);
    default: return add_values<std::int64_t>(value, part);
  }
}

// "1[begin,end] 3[index]"
void visit_items(AttributeVisitor& visitor, std::span<const SubtensorItem> items) {
  std::vector<std::string> texts;
  for (const SubtensorItem& item : items) {
    std::vector<std::string_view> parts;
    if (item.begin) parts.push_back("begin");
    if (item.end) parts.push_back("end");
    if (item.step) parts.push_back("step");
    if (item.index) parts.push_back("index");
    texts.push_back(concat(item.axis, "[", join(parts, ","), "]"));
  }
  visitor.text("items", join(texts, ";"));
}

}  // namespace

void Subtensor::visit(AttributeVisitor& visitor) const { visit_items(visitor, items); }

std::vector<TensorType> Subtensor::infer(const InferArgs& args) const {
  require_inputs(args, 1, static_cast<std::size_t>(-1));
  const TensorType& x = args.types[0];
  return {part_type(x, select_known(x.shape, items, args, 1))};
}

void Subtensor::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  gather_by_offsets(inputs[0], outputs[0], offsets_of(x, select_from(x, items, inputs.subspan(1))));
}

void SetSubtensor::visit(AttributeVisitor& visitor) const {
  visit_items(visitor, items);
  if (add) visitor.integer("add", 1);
}

std::vector<TensorType> SetSubtensor::infer(const InferArgs& args) const {
  require_inputs(args, 2, static_cast<std::size_t>(-1));
  const TensorType& x = args.types[0];
  const TensorType part = part_type(x, select_known(x.shape, items, args, 2));
  TensorType value = args.types[1];
  value.layout = kNCHW;
  if (!(value == part))
    throw Error(StatusCode::invalid_model,
                concat("a value of type ", value.to_string(), " cannot replace a part of type ",
                       part.to_string()));
  if (add && !can_add(x))
    throw Error(StatusCode::unsupported, concat("adding to a part of ", x.to_string()));
  return {with_shape(x, x.shape)};
}

void SetSubtensor::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Shape& x = inputs[0].shape();
  const OffsetTable table = offsets_of(x, select_from(x, items, inputs.subspan(2)));
  copy_bytes(inputs[0], outputs[0]);
  if (!add) return scatter_by_offsets(inputs[1], outputs[0], table);
  Tensor part(*inputs[1].type);
  gather_by_offsets(inputs[0], part, table);
  octet::add(inputs[1], part);
  scatter_by_offsets(part, outputs[0], table);
}

}  // namespace octet
