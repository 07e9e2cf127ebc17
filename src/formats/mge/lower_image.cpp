// Resampling of images.
#include "ops/image.hpp"

#include "formats/mge/layouts.hpp"
#include "ops/move.hpp"

namespace octet::mge {
namespace {

Interpolation interpolation_of(fbs::InterpolationMode mode) {
  switch (mode) {
    case fbs::InterpolationMode::NEAREST: return Interpolation::nearest;
    case fbs::InterpolationMode::LINEAR: return Interpolation::linear;
    case fbs::InterpolationMode::CUBIC: return Interpolation::cubic;
    default: break;
  }
  const std::string_view name = fbs::EnumNameInterpolationMode(mode);
  if (name.empty()) invalid(concat("the unknown interpolation ", static_cast<std::uint32_t>(mode)));
  unsupported(concat("the interpolation ", name, " is not supported"));
}

BorderMode border_of(fbs::BorderMode mode) {
  switch (mode) {
    case fbs::BorderMode::REPLICATE: return BorderMode::replicate;
    case fbs::BorderMode::REFLECT: return BorderMode::reflect;
    case fbs::BorderMode::REFLECT_101: return BorderMode::reflect_101;
    case fbs::BorderMode::WRAP: return BorderMode::wrap;
    case fbs::BorderMode::CONSTANT: return BorderMode::constant;
    default: break;
  }
  const std::string_view name = fbs::EnumNameBorderMode(mode);
  if (name.empty()) invalid(concat("the unknown border ", static_cast<std::uint32_t>(mode)));
  unsupported(concat("the border ", name, " is not supported"));
}

void expect_same_type(Context& context, ValueId x) {
  const auto output = context.output_spec();
  const TensorType& type = context.type(x);
  if (output && (output->dtype != type.dtype || output->quant != type.quant))
    unsupported(concat("a resampling of ", type.to_string(),
                       " that changes the element type is "
                       "not supported"));
}

// Resize(x, {height, width}).
std::vector<ValueId> lower_resize(Context& context) {
  context.expect_inputs(2, 2);
  const auto& p = context.param<fbs::Resize>();
  const FormatLayouts layouts = layouts_of(context.format(p.format()));
  const ValueId x = unpack(context, context.input(0), layouts.src);
  expect_same_type(context, x);
  Resize op;
  op.interpolation = interpolation_of(p.imode());
  op.spatial_only = true;
  op.mge = true;
  const ValueId y = context.add(std::move(op), {x, kNoValue, context.input(1), kNoValue});
  return {pack(context, y, layouts.dst)};
}

// WarpPerspective(x, matrix {N,3,3} [, index of the image for each matrix], {height, width}).
std::vector<ValueId> lower_warp_perspective(Context& context) {
  context.expect_inputs(3, 4);
  const auto& p = context.param<fbs::WarpPerspective>();
  const FormatLayouts layouts = layouts_of(context.format(p.format()));
  ValueId x = unpack(context, context.input(0), layouts.src);
  expect_same_type(context, x);
  if (context.inputs.size() == 4) x = context.add(Gather(), {x, context.input(2)});
  WarpPerspective op;
  op.interpolation = interpolation_of(p.imode());
  op.border = border_of(p.bmode());
  op.border_value = p.border_val();
  ValueId y = context.add(std::move(op), {x, context.input(1), context.inputs.back()});
  if (layouts.dst.vector > 1) y = pad_channels(context, y, 1, layouts.dst.vector);
  return {pack(context, y, layouts.dst)};
}

constexpr OperatorRow kRows[] = {
    {"ResizeV2", lower_resize},
    {"ResizeForward", lower_resize},
    {"WarpPerspectiveV2", lower_warp_perspective},
    {"WarpPerspectiveForward", lower_warp_perspective},
};

}  // namespace

std::span<const OperatorRow> image_operators() { return kRows; }

}  // namespace octet::mge
