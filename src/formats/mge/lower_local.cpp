// Convolutions whose filter differs between output positions.
#include "formats/mge/layouts.hpp"
#include "formats/mge/windows.hpp"
#include "ops/conv.hpp"

namespace octet::mge {
namespace {

void expect_nchw(Context& context, std::uint32_t format) {
  const fbs::ConvFormat known = context.format(format);
  if (known != fbs::ConvFormat::NCHW)
    unsupported(concat("the format ", fbs::EnumNameConvFormat(known),
                       " is not supported for this operator"));
}

// A filter without its leading group axis gets one of extent 1.
ValueId with_group_axis(Context& context, ValueId filter) {
  Shape shape{1};
  for (const std::int64_t extent : context.type(filter).shape) shape.push_back(extent);
  return context.reshape(filter, shape);
}

std::vector<ValueId> add_group_local(Context& context, ValueId filter) {
  const auto& p = context.param<fbs::Convolution>();
  expect_nchw(context, p.format());
  const ValueId x = context.input(0);
  GroupLocal op;
  op.window = window_of(p);
  op.flip_filter = flips_filter(p.mode());
  op.output = context.output_spec().value_or(product_spec(context.type(x), context.type(filter)));
  return {context.add(std::move(op), {x, filter})};
}

// Local(x, w): w is {OH,OW,C,R,S,K}.
std::vector<ValueId> lower_local(Context& context) {
  context.expect_inputs(2, 2);
  return add_group_local(context, with_group_axis(context, context.input(1)));
}

// GroupLocal(x, w): w is {G,OH,OW,C/G,R,S,K/G}.
std::vector<ValueId> lower_group_local(Context& context) {
  context.expect_inputs(2, 2);
  return add_group_local(context, context.input(1));
}

std::vector<ValueId> lower_local_share(Context& context) {
  context.expect_inputs(2, 2);
  const auto& p = context.param<fbs::LocalShare>();
  expect_nchw(context, p.format());
  const bool grouped = p.sparse() == fbs::ConvSparse::GROUP;
  const ValueId filter = grouped ? context.input(1) : with_group_axis(context, context.input(1));
  const Shape& shape = context.type(filter).shape;
  if (shape.rank() != 7 || shape[1] != p.spatial_groups_h() || shape[2] != p.spatial_groups_w())
    invalid(concat("a filter of shape ", shape.to_string(), " does not fit ", p.spatial_groups_h(),
                   " x ", p.spatial_groups_w(), " regions"));
  LocalShare op;
  op.window = window_of(p);
  op.flip_filter = flips_filter(p.mode());
  return {context.add(std::move(op), {context.input(0), filter})};
}

constexpr OperatorRow kRows[] = {
    {"LocalV2", lower_local},
    {"LocalV1", lower_local},
    {"LocalForward", lower_local},
    {"GroupLocalV2", lower_group_local},
    {"GroupLocalV1", lower_group_local},
    {"GroupLocalForward", lower_group_local},
    {"LocalShareForwardV1", lower_local_share},
    {"LocalShareForward", lower_local_share},
};

}  // namespace

std::span<const OperatorRow> local_operators() { return kRows; }

}  // namespace octet::mge
