// Operators on shapes and axes.
#include "ops/shape.hpp"

#include <algorithm>

#include "formats/mge/lower.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"

namespace octet::mge {
namespace {

constexpr std::int32_t kNoAxis = 7;  // of OptionalAxisV1

// Reshape(x, shape): the extent at `axis`, if one is given, follows from the others.
std::vector<ValueId> lower_reshape(Context& context) {
  context.expect_inputs(2, 2);
  const std::int32_t axis = context.param<fbs::OptionalAxisV1>().axis();
  Reshape op;
  if (axis != kNoAxis) {
    if (axis < 0) invalid(concat("a reshape infers the negative axis ", axis));
    op.infer_axis = axis;
  }
  return {context.add(op, {context.input(0), context.input(1)})};
}

std::vector<ValueId> lower_get_var_shape(Context& context) {
  context.input(0);
  const std::int32_t axis = context.param<fbs::OptionalAxisV1>().axis();
  ShapeOf op;
  op.dtype = DType::s32;
  if (axis != kNoAxis) op.axis = axis;
  return {context.add(op, context.inputs)};
}

// Output axis i is input axis pattern[i], or new where that is -1; axes that are not named have
// extent 1 and go.
std::vector<ValueId> lower_dimshuffle(Context& context) {
  context.expect_inputs(1, 1);
  const auto& p = context.param<fbs::Dimshuffle>();
  const std::size_t rank = context.type(context.input(0)).shape.rank();
  if (p.pattern() == nullptr || p.pattern()->size() == 0 || p.pattern()->size() > Shape::kMaxRank)
    invalid("a Dimshuffle has no usable pattern");

  std::vector<std::int64_t> kept, added, dropped;
  for (std::size_t i = 0; i < p.pattern()->size(); ++i) {
    const std::int64_t axis = p.pattern()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (axis == -1) {
      added.push_back(static_cast<std::int64_t>(i));
    } else if (axis < 0 || axis >= static_cast<std::int64_t>(rank) ||
               std::find(kept.begin(), kept.end(), axis) != kept.end()) {
      invalid(concat("a Dimshuffle of ", rank, " axes names axis ", axis, " wrongly"));
    } else {
      kept.push_back(axis);
    }
  }
  std::vector<std::int64_t> place(rank, 0);  // of each kept axis once the dropped ones are gone
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const auto a = static_cast<std::int64_t>(axis);
    if (std::find(kept.begin(), kept.end(), a) == kept.end()) dropped.push_back(a);
    else place[axis] = a - static_cast<std::int64_t>(dropped.size());
  }
  for (std::int64_t& axis : kept) axis = place[static_cast<std::size_t>(axis)];

  ValueId value = context.input(0);
  if (!dropped.empty()) {
    Squeeze op;
    op.axes = std::move(dropped);
    value = context.add(std::move(op), {value});
  }
  value = context.transpose(value, std::move(kept));
  if (!added.empty()) {
    Unsqueeze op;
    op.axes = std::move(added);
    value = context.add(std::move(op), {value});
  }
  return {value};
}

// Adds and removes axes of extent 1, one after the other.
std::vector<ValueId> lower_axis_add_remove(Context& context) {
  context.expect_inputs(1, 1);
  const auto* steps = context.param<fbs::AxisAddRemove>().desc();
  ValueId value = context.input(0);
  // More steps than this cannot all have an effect on at most kMaxRank axes.
  if (steps != nullptr && steps->size() > 2 * Shape::kMaxRank)
    invalid(concat("an AxisAddRemove has ", steps->size(), " steps"));
  for (flatbuffers::uoffset_t i = 0; steps != nullptr && i < steps->size(); ++i) {
    const fbs::AxisDesc& step = *steps->Get(i);
    if (step.method() == fbs::AxisMethod::ADD_1) {
      Unsqueeze op;
      op.axes = {step.axis()};
      value = context.add(std::move(op), {value});
    } else if (step.method() == fbs::AxisMethod::REMOVE) {
      // MegEngine has no scalars without axes: the last axis stays.
      if (context.type(value).shape.rank() == 1) continue;
      Squeeze op;
      op.axes = {step.axis()};
      value = context.add(std::move(op), {value});
    } else {
      invalid(concat("an AxisAddRemove has a step of kind ", static_cast<int>(step.method())));
    }
  }
  return {value};
}

std::vector<ValueId> lower_broadcast(Context& context) {
  context.expect_inputs(2, 2);
  Expand op;
  op.exact = true;
  return {context.add(op, {context.input(0), context.input(1)})};
}

std::vector<ValueId> lower_concat(Context& context) {
  context.input(0);
  Concat op;
  op.axis = context.param<fbs::Axis>().axis();
  return {context.add(op, context.inputs)};
}

// Split(x, one size per part).
std::vector<ValueId> lower_split(Context& context) {
  context.input(1);
  Split op;
  op.axis = context.param<fbs::Axis>().axis();
  return context.add_all(op, context.inputs);
}

// Padding: front and back of up to seven axes.
std::vector<ValueId> lower_padding(Context& context) {
  context.expect_inputs(1, 1);
  const auto& p = context.param<fbs::Padding>();
  const std::uint32_t front[] = {
      p.front_offset_dim0(), p.front_offset_dim1(), p.front_offset_dim2(), p.front_offset_dim3(),
      p.front_offset_dim4(), p.front_offset_dim5(), p.front_offset_dim6()};
  const std::uint32_t back[] = {p.back_offset_dim0(), p.back_offset_dim1(), p.back_offset_dim2(),
                                p.back_offset_dim3(), p.back_offset_dim4(), p.back_offset_dim5(),
                                p.back_offset_dim6()};
  const std::size_t rank = std::min<std::size_t>(context.type(context.input(0)).shape.rank(), 7);
  std::vector<std::int64_t> pads(front, front + rank);
  pads.insert(pads.end(), back, back + rank);
  for (const std::int64_t pad : pads)
    if (pad > std::numeric_limits<std::int32_t>::max())
      throw Error(StatusCode::resource_exhausted, concat("a padding of ", pad, " elements"));
  Pad op;
  switch (p.padding_mode()) {
    case fbs::PaddingMode::REPLICATE: op.mode = PadMode::edge; break;
    case fbs::PaddingMode::REFLECT: op.mode = PadMode::reflect; break;
    case fbs::PaddingMode::CONSTANT: op.mode = PadMode::constant; break;
    default:
      invalid(concat("the unknown padding mode ", static_cast<std::uint32_t>(p.padding_mode())));
  }
  op.mge_value = p.padding_val();
  return {context.add(op, {context.input(0), context.integers(pads)})};
}

// Linspace(start, stop, number): start + i * (stop - start) / (number - 1).
std::vector<ValueId> lower_linspace(Context& context) {
  context.expect_inputs(3, 3);
  const auto binary = [&](ElementwiseMode mode, ValueId a, ValueId b) {
    Elementwise op;
    op.mode = mode;
    return context.add(op, {a, b});
  };
  const auto to_f32 = [&](ValueId value) {
    if (context.type(value).dtype == DType::f32) return value;
    Cast op;
    op.dtype = DType::f32;
    return context.add(op, {value});
  };
  const ValueId start = to_f32(context.input(0)), stop = to_f32(context.input(1));
  const ValueId number = to_f32(context.input(2)), one = context.scalar(1.0f);
  const bool endpoint = context.param<fbs::Linspace>().endpoint();
  const ValueId gaps = binary(ElementwiseMode::max,
                              endpoint ? binary(ElementwiseMode::sub, number, one) : number, one);
  const ValueId step =
      binary(ElementwiseMode::div, binary(ElementwiseMode::sub, stop, start), gaps);
  const ValueId indices = context.add(Range(), {context.scalar(0.0f), number, one});
  return {binary(ElementwiseMode::add, binary(ElementwiseMode::mul, indices, step), start)};
}

constexpr OperatorRow kRows[] = {
    {"ReshapeV1", lower_reshape},     {"GetVarShapeV1", lower_get_var_shape},
    {"Dimshuffle", lower_dimshuffle}, {"AxisAddRemove", lower_axis_add_remove},
    {"Broadcast", lower_broadcast},   {"Concat", lower_concat},
    {"Split", lower_split},           {"Padding", lower_padding},
    {"Linspace", lower_linspace},
};

}  // namespace

std::span<const OperatorRow> shape_operators() { return kRows; }

}  // namespace octet::mge
