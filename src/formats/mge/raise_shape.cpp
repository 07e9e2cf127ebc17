// Operators on shapes and axes.
#include <algorithm>

#include "formats/mge/raise.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::mge {
namespace {

std::vector<Var> raise_reshape(NodeWriter& writer) {
  const auto& op = writer.op<Reshape>();
  require_form(!op.zero_copies, "MegEngine's reshape copies no extents");
  if (op.infer_axis >= 0) return {writer.reshape(writer.input(0), writer.input(1), op.infer_axis)};
  const auto target = writer.known_integers(1);
  const auto free = std::find(target.begin(), target.end(), -1);
  if (free == target.end() && !target.empty())
    return {writer.reshape(writer.input(0), writer.input(1))};
  if (target.empty()) return {writer.reshape(writer.input(0), writer.integers({1}))};
  return {writer.reshape(writer.input(0), writer.integers(target), free - target.begin())};
}

std::vector<Var> raise_flatten(NodeWriter& writer) {
  const Shape& shape = writer.output_type().shape;
  return {writer.reshape(writer.input(0), writer.integers({-1, shape[1]}), 0)};
}

std::vector<Var> raise_shape_of(NodeWriter& writer) {
  const auto& op = writer.op<ShapeOf>();
  require_form(op.dtype == DType::s32 && op.start == 0 && !op.end && !op.size_only,
               "MegEngine gives a shape, or one extent of it, as Int32 only");
  fbs::OptionalAxisV1T p;
  if (op.axis) p.axis = static_cast<std::int32_t>(*op.axis);
  return {writer.add("GetVarShapeV1", {param_of(p)}, writer.inputs())};
}

std::vector<Var> raise_squeeze(NodeWriter& writer) {
  const Shape& shape = writer.type(0).shape;
  std::vector<std::int64_t> axes = writer.op<Squeeze>().axes;
  for (std::int64_t& axis : axes) axis = from_front(axis, shape.rank());
  if (axes.empty())
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] == 1) axes.push_back(static_cast<std::int64_t>(axis));
  // From the back, so that the places of the others stay; the last axis of all stays.
  std::sort(axes.rbegin(), axes.rend());
  if (axes.size() == shape.rank() && !axes.empty()) axes.pop_back();
  return {writer.change_axes(writer.input(0), fbs::AxisMethod::REMOVE, axes)};
}

std::vector<Var> raise_unsqueeze(NodeWriter& writer) {
  const std::size_t rank = writer.output_type().shape.rank();
  std::vector<std::int64_t> axes = writer.op<Unsqueeze>().axes;
  for (std::int64_t& axis : axes) axis = from_front(axis, rank);
  std::sort(axes.begin(), axes.end());
  // A value without axes already is {1} in the file.
  if (writer.type(0).shape.rank() == 0 && !axes.empty()) axes.pop_back();
  return {writer.change_axes(writer.input(0), fbs::AxisMethod::ADD_1, axes)};
}

std::vector<Var> raise_transpose(NodeWriter& writer) {
  const std::size_t rank = writer.type(0).shape.rank();
  const auto& permutation = writer.op<Transpose>().permutation;
  if (rank < 2) return {writer.input(0)};
  fbs::DimshuffleT p;
  p.ndim = static_cast<std::uint32_t>(rank);
  for (std::size_t i = 0; i < rank; ++i)
    p.pattern.push_back(static_cast<std::int32_t>(
        permutation.empty() ? static_cast<std::int64_t>(rank - 1 - i) : permutation[i]));
  return {writer.add("Dimshuffle", {param_of(std::move(p))}, {writer.input(0)})};
}

std::vector<Var> raise_expand(NodeWriter& writer) {
  require_form(writer.op<Expand>().exact, "MegEngine broadcasts to the stated shape only");
  return {writer.add("Broadcast", {param_of(fbs::EmptyT())}, {writer.input(0), writer.input(1)})};
}

fbs::AxisT axis_param(std::int64_t axis, std::size_t rank) {
  fbs::AxisT p;
  p.axis = static_cast<std::int32_t>(from_front(axis, rank));
  return p;
}

std::vector<Var> raise_concat(NodeWriter& writer) {
  const fbs::AxisT p = axis_param(writer.op<Concat>().axis, writer.type(0).shape.rank());
  return {writer.add("Concat", {param_of(p)}, writer.inputs())};
}

// Split(x, one size per part).
std::vector<Var> raise_split(NodeWriter& writer) {
  const std::size_t parts = writer.output_count();
  const auto& op = writer.op<Split>();
  const fbs::AxisT p = axis_param(op.axis, writer.type(0).shape.rank());
  std::vector<Var> inputs{writer.input(0)};
  if (op.parts == 0 && writer.input_count() == parts + 1) {
    inputs = writer.inputs();
  } else {
    for (std::size_t i = 0; i < parts; ++i)
      inputs.push_back(
          writer.integers({writer.output_type(i).shape[static_cast<std::size_t>(p.axis)]}));
  }
  return writer.add_all("Split", {param_of(p)}, std::move(inputs), parts);
}

fbs::PaddingMode mode_of(PadMode mode) {
  switch (mode) {
    case PadMode::edge: return fbs::PaddingMode::REPLICATE;
    case PadMode::reflect: return fbs::PaddingMode::REFLECT;
    case PadMode::constant: break;
  }
  return fbs::PaddingMode::CONSTANT;
}

std::vector<Var> raise_pad(NodeWriter& writer) {
  const auto& op = writer.op<Pad>();
  require_form(!writer.has_input(2), "MegEngine pads with a number of the operator itself");
  const auto pads = writer.known_integers(1);
  const std::size_t rank = writer.type(0).shape.rank();
  constexpr std::size_t kAxes = 7;
  require_form(rank <= kAxes, "MegEngine pads at most ", kAxes, " axes");
  fbs::PaddingT p;
  p.padding_mode = mode_of(op.mode);
  p.padding_val = op.mge_value.value_or(0.0f);
  std::uint32_t* const fronts[kAxes] = {
      &p.front_offset_dim0, &p.front_offset_dim1, &p.front_offset_dim2, &p.front_offset_dim3,
      &p.front_offset_dim4, &p.front_offset_dim5, &p.front_offset_dim6};
  std::uint32_t* const backs[kAxes] = {
      &p.back_offset_dim0, &p.back_offset_dim1, &p.back_offset_dim2, &p.back_offset_dim3,
      &p.back_offset_dim4, &p.back_offset_dim5, &p.back_offset_dim6};
  for (std::size_t i = 0; i < rank; ++i) {
    require_form(pads[i] >= 0 && pads[rank + i] >= 0, "MegEngine pads by no negative number");
    *fronts[i] = static_cast<std::uint32_t>(pads[i]);
    *backs[i] = static_cast<std::uint32_t>(pads[rank + i]);
  }
  return {writer.add("Padding", {param_of(p)}, {writer.input(0)})};
}

constexpr RaiseRow kRows[] = {
    {Reshape::kKind, raise_reshape},     {Flatten::kKind, raise_flatten},
    {ShapeOf::kKind, raise_shape_of},    {Squeeze::kKind, raise_squeeze},
    {Unsqueeze::kKind, raise_unsqueeze}, {Transpose::kKind, raise_transpose},
    {Expand::kKind, raise_expand},       {Concat::kKind, raise_concat},
    {Split::kKind, raise_split},         {Pad::kKind, raise_pad},
};

}  // namespace

std::span<const RaiseRow> raise_shape_rows() { return kRows; }

}  // namespace octet::mge
