#include "formats/mge/layouts.hpp"

#include <algorithm>

#include "ops/move.hpp"
#include "ops/shape.hpp"

namespace octet::mge {
namespace {

// For each axis of `to`, its place among the axes of `from`.
std::vector<std::int64_t> permutation(const std::array<char, 4>& from,
                                      const std::array<char, 4>& to) {
  std::vector<std::int64_t> places;
  for (const char axis : to)
    places.push_back(std::find(from.begin(), from.end(), axis) - from.begin());
  return places;
}

// The axes between which the reshape works: channels last, so that merging or splitting them needs
// no other extent.
constexpr std::array<char, 4> kChannelsLast{'N', 'H', 'W', 'C'};

void expect_shape(const TensorType& type, const Layout& layout) {
  const std::size_t rank = layout.vector == 1 ? 4 : 5;
  if (type.shape.rank() != rank || (rank == 5 && type.shape.back() != layout.vector))
    invalid(concat("a value has the shape ", type.shape.to_string(), ", which is not of layout ",
                   to_string(layout)));
}

ValueId reshape_last(Context& context, ValueId value, std::initializer_list<std::int64_t> target) {
  Reshape op;
  op.zero_copies = true;
  return context.add(op, {value, context.integers(target)});
}

// Filters of NCHW88, NCHW44 and NCHW44_DOT.
//   dense             {K/v, C/v, R, S, v, v}; the inner pair is (c, k), in the DOT form (k, c)
//   first convolution {K/v, R, S, C, v}, on an unpacked input
//   depthwise         {G/v, 1, 1, R, S, v}
//   grouped           {G, ...} before the dense form
Filter unpack_double_packed(Context& context, ValueId value, fbs::ConvFormat format, bool grouped) {
  Shape s = context.type(value).shape;
  if (!grouped && s.rank() == 5) {
    const ValueId plain = context.transpose(value, {0, 4, 3, 1, 2});
    return {context.reshape(plain, {s[0] * s[4], s[3], s[1], s[2]}), 1};
  }
  if (grouped && s.rank() == 6 && s[1] == 1 && s[2] == 1) {
    const ValueId plain = context.transpose(value, {0, 5, 1, 2, 3, 4});
    return {context.reshape(plain, {s[0] * s[5], 1, s[3], s[4]}), s[0] * s[5]};
  }
  std::int64_t groups = 1;
  if (grouped && s.rank() == 7) {
    groups = s[0];
    s = Shape{s[0] * s[1], s[2], s[3], s[4], s[5], s[6]};
    value = context.reshape(value, s);
  }
  if (s.rank() != 6 || s[4] != s[5])
    invalid(concat("a filter of format ", fbs::EnumNameConvFormat(format), " has the shape ",
                   s.to_string()));
  const bool dot = format == fbs::ConvFormat::NCHW44_DOT;
  const ValueId plain = dot ? context.transpose(value, {0, 4, 1, 5, 2, 3})
                            : context.transpose(value, {0, 5, 1, 4, 2, 3});
  return {context.reshape(plain, {s[0] * s[4], s[1] * s[5], s[2], s[3]}), groups};
}

}  // namespace

FormatLayouts layouts_of(fbs::ConvFormat format) {
  constexpr Layout kNCHW44 = kNCHW4;  // the same for activations
  switch (format) {
    case fbs::ConvFormat::NCHW: return {kNCHW, kNCHW};
    case fbs::ConvFormat::NHWC: return {kNHWC, kNHWC};
    case fbs::ConvFormat::NCHW4: return {kNCHW4, kNCHW4};
    case fbs::ConvFormat::NCHW8: return {kNCHW8, kNCHW8};
    case fbs::ConvFormat::NCHW32: return {kNCHW32, kNCHW32};
    case fbs::ConvFormat::NCHW88: return {kNCHW8, kNCHW8};
    case fbs::ConvFormat::NCHW44: return {kNCHW44, kNCHW44};
    case fbs::ConvFormat::NCHW44_DOT: return {kNCHW44, kNCHW44};
    case fbs::ConvFormat::NCHW4_NCHW32: return {kNCHW4, kNCHW32};
    case fbs::ConvFormat::NCHW32_NCHW4: return {kNCHW32, kNCHW4};
    case fbs::ConvFormat::NCHW4_NCHW: return {kNCHW4, kNCHW};
    case fbs::ConvFormat::NHWC_NCHW: return {kNHWC, kNCHW};
    case fbs::ConvFormat::NHWC_NCHW4_IC_SMALL: return {kNHWC, kNCHW4};
    case fbs::ConvFormat::NCHW_NCHW4_IC_SMALL: return {kNCHW, kNCHW4};
    case fbs::ConvFormat::CHWN4: return {kCHWN4, kCHWN4};
    case fbs::ConvFormat::NCHW64: return {kNCHW64, kNCHW64};
    case fbs::ConvFormat::NCHW4_NHWC: return {kNCHW4, kNHWC};
    case fbs::ConvFormat::NHWCD4: break;
  }
  unsupported(concat("the tensor format ", fbs::EnumNameConvFormat(format), " is not supported"));
}

ValueId unpack(Context& context, ValueId value, const Layout& layout) {
  if (layout == kNCHW) return value;
  expect_shape(context.type(value), layout);
  auto& known = context.state.layouts;
  const auto key = std::pair(value, to_string(layout));
  if (const auto found = known.plain_of.find(key); found != known.plain_of.end())
    return found->second;
  std::vector<std::int64_t> to_last = permutation(layout.order, kChannelsLast);
  if (layout.vector > 1) to_last.push_back(4);
  ValueId plain = context.transpose(value, to_last);
  if (layout.vector > 1) plain = reshape_last(context, plain, {0, 0, 0, -1});
  plain = context.transpose(plain, permutation(kChannelsLast, kNCHW.order));
  known.plain_of[key] = plain;
  return plain;
}

ValueId pack(Context& context, ValueId value, const Layout& layout) {
  if (layout == kNCHW) return value;
  const Shape& shape = context.type(value).shape;
  if (shape.rank() != 4 || shape[1] % layout.vector != 0)
    invalid(
        concat("a value of shape ", shape.to_string(), " cannot be stored as ", to_string(layout)));
  auto& known = context.state.layouts;
  const auto key = std::pair(value, to_string(layout));
  if (const auto found = known.packed_of.find(key); found != known.packed_of.end())
    return found->second;
  ValueId packed = context.transpose(value, permutation(kNCHW.order, kChannelsLast));
  if (layout.vector > 1) packed = reshape_last(context, packed, {0, 0, 0, -1, layout.vector});
  std::vector<std::int64_t> from_last = permutation(kChannelsLast, layout.order);
  if (layout.vector > 1) from_last.push_back(4);
  packed = context.transpose(packed, from_last);
  known.packed_of[key] = packed;
  known.plain_of[std::pair(packed, to_string(layout))] = value;
  return packed;
}

Filter unpack_filter(Context& context, ValueId value, fbs::ConvFormat format,
                     fbs::ConvSparse sparse) {
  if (sparse != fbs::ConvSparse::DENSE && sparse != fbs::ConvSparse::GROUP)
    invalid(concat("the unknown filter form ", static_cast<std::uint32_t>(sparse)));
  const bool grouped = sparse == fbs::ConvSparse::GROUP;
  if (format == fbs::ConvFormat::NCHW88 || format == fbs::ConvFormat::NCHW44 ||
      format == fbs::ConvFormat::NCHW44_DOT)
    return unpack_double_packed(context, value, format, grouped);
  const Layout layout = layouts_of(format).src;
  std::int64_t groups = 1;
  if (grouped) {
    const Shape& shape = context.type(value).shape;
    if (shape.rank() < 5) invalid(concat("a grouped filter has the shape ", shape.to_string()));
    groups = shape[0];
    Shape merged{shape[0] * shape[1]};
    for (std::size_t i = 2; i < shape.rank(); ++i) merged.push_back(shape[i]);
    value = context.reshape(value, merged);
  }
  expect_shape(context.type(value), layout);
  return {unpack(context, value, layout), groups};
}

ValueId pad_channels(Context& context, ValueId value, std::size_t axis, std::int64_t multiple) {
  const Shape& shape = context.type(value).shape;
  if (axis >= shape.rank()) invalid(concat("a value has the shape ", shape.to_string()));
  const std::int64_t missing = (multiple - shape[axis] % multiple) % multiple;
  if (missing == 0) return value;
  std::vector<std::int64_t> pads(2 * shape.rank(), 0);
  pads[shape.rank() + axis] = missing;
  Pad op;
  op.mge_value = 0.0f;
  return context.add(op, {value, context.integers(pads)});
}

}  // namespace octet::mge
