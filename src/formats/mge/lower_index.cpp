// Operators that pick parts of a value.
#include <algorithm>

#include "formats/mge/lower.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::mge {
namespace {

std::vector<SubtensorItem> items_of(Context& context) {
  const auto* stored = context.param<fbs::IndexDescMaskDump>().items();
  std::vector<SubtensorItem> items;
  if (stored == nullptr) return items;
  if (stored->size() > Shape::kMaxRank) invalid(concat("an index names ", stored->size(), " axes"));
  for (const fbs::IndexItem* item : *stored)
    items.push_back({item->axis(), item->begin(), item->end(), item->step(), item->idx()});
  return items;
}

ValueId unsqueeze(Context& context, ValueId value, std::int64_t axis) {
  Unsqueeze op;
  op.axes = {axis};
  return context.add(std::move(op), {value});
}

std::vector<ValueId> lower_subtensor(Context& context) {
  context.input(0);
  Subtensor op;
  op.items = items_of(context);
  const ValueId part = context.add(std::move(op), context.inputs);
  // MegEngine has no values without axes: one element of a vector is {1}.
  if (context.type(part).shape.rank() == 0) return {unsqueeze(context, part, 0)};
  return {part};
}

// SetSubtensor, IncrSubtensor (x, value, numbers...).
std::vector<ValueId> set_subtensor(Context& context, bool add) {
  context.input(1);
  SetSubtensor op;
  op.items = items_of(context);
  op.add = add;
  return {context.add(std::move(op), context.inputs)};
}
std::vector<ValueId> lower_set_subtensor(Context& context) { return set_subtensor(context, false); }
std::vector<ValueId> lower_incr_subtensor(Context& context) { return set_subtensor(context, true); }

// An axis of x that a vector of indices picks from.
struct IndexedAxis {
  std::int64_t axis;
  ValueId indices;
};

// Several axes at once: the indices are broadcast to one shape, whose axes come where the indexed
// ones stood or, when those are not neighbours, first.
ValueId gather_axes(Context& context, ValueId x, std::span<const IndexedAxis> indexed) {
  ShapeOf shape;
  shape.dtype = DType::s32;
  std::vector<ValueId> all;
  for (const IndexedAxis& item : indexed) all.push_back(item.indices);
  const ValueId common = context.add(shape, all);
  std::vector<ValueId> columns;
  Expand expand;
  expand.exact = true;
  for (const ValueId indices : all)
    columns.push_back(unsqueeze(context, context.add(expand, {indices, common}), -1));
  Concat concat_columns;
  concat_columns.axis = -1;

  const auto rank = static_cast<std::int64_t>(context.type(x).shape.rank());
  std::vector<std::int64_t> permutation;
  for (const IndexedAxis& item : indexed) permutation.push_back(item.axis);
  for (std::int64_t axis = 0; axis < rank; ++axis)
    if (std::none_of(indexed.begin(), indexed.end(), [&](const auto& i) { return i.axis == axis; }))
      permutation.push_back(axis);
  const ValueId picked = context.add(GatherND(), {context.transpose(x, permutation),
                                                  context.add(concat_columns, std::move(columns))});

  const std::int64_t first = indexed.front().axis;
  const auto count = static_cast<std::int64_t>(indexed.size());
  if (indexed.back().axis - first != count - 1) return picked;
  const auto index_rank = static_cast<std::int64_t>(context.type(all.front()).shape.rank());
  const auto result_rank = static_cast<std::int64_t>(context.type(picked).shape.rank());
  std::vector<std::int64_t> back;
  for (std::int64_t i = 0; i < first; ++i) back.push_back(index_rank + i);
  for (std::int64_t i = 0; i < index_rank; ++i) back.push_back(i);
  for (std::int64_t i = index_rank + first; i < result_rank; ++i) back.push_back(i);
  return context.transpose(picked, std::move(back));
}

// IndexingMultiAxisVec(x, numbers and vectors...): slices first, then the vectors.
std::vector<ValueId> lower_indexing_multi_axis_vec(Context& context) {
  ValueId x = context.input(0);
  const auto rank = static_cast<std::int64_t>(context.type(x).shape.rank());
  Subtensor slices;
  std::vector<ValueId> slice_inputs{x};
  std::vector<IndexedAxis> indexed;
  std::size_t next = 1;
  for (const SubtensorItem& item : items_of(context)) {
    for (const bool present : {item.begin, item.end, item.step})
      if (present) slice_inputs.push_back(context.input(next++));
    if (item.begin || item.end || item.step)
      slices.items.push_back({item.axis, item.begin, item.end, item.step, false});
    if (item.index)
      indexed.push_back({item.axis < 0 ? item.axis + rank : item.axis, context.input(next++)});
  }
  if (!slices.items.empty()) x = context.add(std::move(slices), std::move(slice_inputs));
  if (indexed.empty()) invalid("an IndexingMultiAxisVec has no vector of indices");
  std::sort(indexed.begin(), indexed.end(), [](auto& a, auto& b) { return a.axis < b.axis; });
  for (std::size_t i = 0; i < indexed.size(); ++i)
    if (indexed[i].axis < 0 || indexed[i].axis >= rank ||
        (i > 0 && indexed[i].axis == indexed[i - 1].axis))
      invalid(concat("an index of ", rank, " axes names axis ", indexed[i].axis, " wrongly"));
  if (indexed.size() > 1) return {gather_axes(context, x, indexed)};
  Gather op;
  op.axis = indexed.front().axis;
  return {context.add(op, {x, indexed.front().indices})};
}

// IndexingOneHot(x, index): from each row along `axis`, the element that index names; the axis
// stays with extent 1.
std::vector<ValueId> lower_indexing_one_hot(Context& context) {
  context.expect_inputs(2, 2);
  GatherElements op;
  op.axis = context.param<fbs::Axis>().axis();
  const ValueId index = unsqueeze(context, context.input(1), op.axis);
  return {context.add(op, {context.input(0), index})};
}

constexpr OperatorRow kRows[] = {
    {"Subtensor", lower_subtensor},
    {"SetSubtensor", lower_set_subtensor},
    {"IncrSubtensor", lower_incr_subtensor},
    {"IndexingMultiAxisVec", lower_indexing_multi_axis_vec},
    {"IndexingOneHot", lower_indexing_one_hot},
};

}  // namespace

std::span<const OperatorRow> index_operators() { return kRows; }

}  // namespace octet::mge
