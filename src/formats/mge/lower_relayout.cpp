// RelayoutFormat: a value or a filter into another layout, channels padded where it needs them.
#include "base/checked.hpp"
#include "base/limits.hpp"
#include "formats/mge/layouts.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"

namespace octet::mge {
namespace {

// Channels `indices` of x {N,C,H,W}.
ValueId pick_channels(Context& context, ValueId x, std::span<const std::int64_t> indices) {
  Gather op;
  op.axis = 1;
  return context.add(op, {x, context.integers(indices)});
}

void check_groups(std::int64_t channels, std::int64_t groups) {
  if (groups < 1 || channels % groups != 0)
    invalid(concat(channels, " channels cannot be split into ", groups, " groups"));
}

// Channels are named one by one, which only a small file with a huge shape makes expensive.
void check_channels(std::int64_t channels) {
  constexpr auto kMost = static_cast<std::int64_t>(limits::kAttributeItems);
  if (channels > kMost)
    throw Error(StatusCode::resource_exhausted,
                concat(channels, " channels in groups; at most ", kMost, " are supported"));
}

// {N,C,H,W} with the channels of each group padded with zeros to a multiple of 4.
ValueId pad_groups(Context& context, ValueId x, std::int64_t groups) {
  const Shape shape = context.type(x).shape;
  if (shape.rank() != 4) invalid(concat("a value has the shape ", shape.to_string()));
  check_groups(shape[1], groups);
  const std::int64_t real = shape[1] / groups, padded = (real + 3) / 4 * 4;
  if (groups == 1 || real == padded) return pad_channels(context, x, 1, 4);
  check_channels(checked_mul(padded, groups));
  // One more channel, of zeros, stands for every channel of padding.
  std::vector<std::int64_t> indices;
  for (std::int64_t g = 0; g < groups; ++g)
    for (std::int64_t c = 0; c < padded; ++c) indices.push_back(c < real ? g * real + c : shape[1]);
  return pick_channels(context, pad_channels(context, x, 1, shape[1] + 1), indices);
}

// The other way: `channels` real ones (0: all of them are).
ValueId unpad_groups(Context& context, ValueId x, std::int64_t channels, std::int64_t groups) {
  const std::int64_t stored = context.type(x).shape[1];
  if (channels == 0 || channels == stored) return x;
  check_groups(stored, groups);
  check_groups(channels, groups);
  if (channels > stored) invalid(concat(channels, " channels are stored as ", stored));
  check_channels(channels);
  std::vector<std::int64_t> indices;
  for (std::int64_t g = 0; g < groups; ++g)
    for (std::int64_t c = 0; c < channels / groups; ++c)
      indices.push_back(g * (stored / groups) + c);
  return pick_channels(context, x, indices);
}

// Filters {K,C,R,S} and {G,K,C,R,S} to {K,C/4,R,S,4} and {G,K,C/4,R,S,4}.
ValueId pack_filter_4(Context& context, ValueId w) {
  const std::size_t lead = context.type(w).shape.rank() == 5 ? 1 : 0;
  w = pad_channels(context, pad_channels(context, w, lead, 4), lead + 1, 4);
  const Shape s = context.type(w).shape;
  if (lead == 0) return pack(context, w, kNCHW4);
  const ValueId flat = context.reshape(w, {s[0] * s[1], s[2], s[3], s[4]});
  return context.reshape(pack(context, flat, kNCHW4), {s[0], s[1], s[2] / 4, s[3], s[4], 4});
}

// Filters for NCHW88: {K/8,C/8,R,S,8c,8k}, {G,K/8,C/8,R,S,8c,8k}, depthwise {G/8,1,1,R,S,8}.
ValueId pack_filter_8(Context& context, ValueId w, fbs::RelayoutMode mode) {
  using Mode = fbs::RelayoutMode;
  const Shape s = context.type(w).shape;
  const std::size_t lead = mode == Mode::NCHW_NCHW88_CONV_DENSE_WEIGHT ? 0 : 1;
  const bool depthwise = mode == Mode::NCHW_NCHW88_CONV_CHAN_WEIGHT;
  const auto divides = [&](std::size_t axis) { return s[axis] % 8 == 0; };
  if (s.rank() != lead + 4 || !(depthwise ? divides(0) : divides(lead) && divides(lead + 1)))
    unsupported(concat("a filter of shape ", s.to_string(), " cannot be packed by 8"));
  if (depthwise) {
    const ValueId split = context.reshape(w, {s[0] / 8, 8, s[1], s[2], s[3], s[4]});
    return context.transpose(split, {0, 2, 3, 4, 5, 1});
  }
  if (lead == 0) {
    const ValueId split = context.reshape(w, {s[0] / 8, 8, s[1] / 8, 8, s[2], s[3]});
    return context.transpose(split, {0, 2, 4, 5, 3, 1});
  }
  const ValueId split = context.reshape(w, {s[0], s[1] / 8, 8, s[2] / 8, 8, s[3], s[4]});
  return context.transpose(split, {0, 1, 3, 5, 6, 4, 2});
}

// A relayout may also turn u8 pixels (plain, or quantised around 128) into s8: v becomes v - 128.
ValueId shift_to_signed(Context& context, ValueId x, const OutputSpec& target) {
  const TensorType type = context.type(x);
  if (type.dtype == target.dtype && type.quant == target.quant) return x;
  const bool around_128 = !type.quant || type.quant->zero_point() == 128;
  if (type.dtype != DType::u8 || target.dtype != DType::s8 || !target.quant || !around_128)
    unsupported(concat("a RelayoutFormat from ", type.to_string(), " to the element type ",
                       to_string(target.dtype), " is not supported"));
  SetQuant plain;
  if (type.quant) x = context.add(std::move(plain), {x});
  Cast cast;
  cast.dtype = DType::s32;
  Elementwise subtract;
  subtract.mode = ElementwiseMode::sub;
  x = context.add(subtract, {context.add(cast, {x}), context.integers({128})});
  cast.dtype = DType::s8;
  SetQuant quantised;
  quantised.quant = target.quant;
  return context.add(std::move(quantised), {context.add(cast, {x})});
}

std::vector<ValueId> lower_relayout(Context& context) {
  using Mode = fbs::RelayoutMode;
  context.expect_inputs(1, 1);
  const auto& p = context.param<fbs::RelayoutFormat>();
  ValueId x = context.input(0);
  if (const auto target = context.output_spec()) x = shift_to_signed(context, x, *target);
  switch (p.mode()) {
    case Mode::NCHW4_CHWN4: return {pack(context, unpack(context, x, kNCHW4), kCHWN4)};
    case Mode::CHWN4_NCHW4: return {pack(context, unpack(context, x, kCHWN4), kNCHW4)};
    case Mode::NCHW_NCHW88: return {pack(context, pad_channels(context, x, 1, 8), kNCHW8)};
    case Mode::NCHW88_NCHW: return {unpack(context, x, kNCHW8)};
    case Mode::NCHW_NCHW4_IC_SMALL:
    case Mode::NCHW_NCHW4_IC_SMALL_CONV_DENSE_WEIGHT:
      return {pack(context, pad_channels(context, x, 1, 4), kNCHW4)};
    case Mode::NCHW_NCHW4: return {pack(context, pad_groups(context, x, p.group()), kNCHW4)};
    case Mode::NCHW4_NCHW:
      return {unpad_groups(context, unpack(context, x, kNCHW4), p.oc(), p.group())};
    case Mode::NCHW_NCHW4_WEIGHT: return {pack_filter_4(context, x)};
    case Mode::NCHW_NCHW88_CONV_DENSE_WEIGHT:
    case Mode::NCHW_NCHW88_CONV_CHAN_WEIGHT:
    case Mode::NCHW_NCHW88_CONV_GROUP_WEIGHT: return {pack_filter_8(context, x, p.mode())};
    case Mode::NCHW_NCHW64: return {pack(context, pad_channels(context, x, 1, 64), kNCHW64)};
    case Mode::NCHW64_NCHW: return {unpack(context, x, kNCHW64)};
    case Mode::NCHW_NHWC: return {pack(context, x, kNHWC)};
    case Mode::NHWC_NCHW: return {unpack(context, x, kNHWC)};
    default: break;
  }
  const std::string_view name = fbs::EnumNameRelayoutMode(p.mode());
  if (name.empty())
    invalid(concat("the unknown relayout mode ", static_cast<std::uint32_t>(p.mode())));
  unsupported(concat("the relayout mode ", name, " is not supported"));
}

constexpr OperatorRow kRows[] = {
    {"RelayoutFormatV1", lower_relayout},
};

}  // namespace

std::span<const OperatorRow> relayout_operators() { return kRows; }

}  // namespace octet::mge
