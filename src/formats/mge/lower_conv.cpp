// Convolutions. Each node's epilogue rule is that of the MegEngine CPU kernel that runs it; see
// docs/numerics.md.
#include "ops/conv.hpp"

#include <algorithm>

#include "formats/mge/conv_rule.hpp"
#include "formats/mge/layouts.hpp"
#include "formats/mge/windows.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"

namespace octet::mge {

OutputSpec product_spec(const TensorType& x, const TensorType& w) {
  if (is_float(x.dtype)) return {x.dtype, std::nullopt};
  if (!x.quant || !w.quant) return {DType::s32, std::nullopt};
  return {DType::s32, Quant::per_tensor(x.quant->scale() * w.quant->scale())};
}

namespace {

// A bias per output channel, in whatever packed form, as {1,K,1,1}; kNoValue when it has another
// shape. All packed forms keep the order of the channels.
ValueId bias_per_channel(Context& context, ValueId bias, std::int64_t channels) {
  const Shape& shape = context.type(bias).shape;
  if (shape.elements() != channels) return kNoValue;
  const auto above_one = std::count_if(shape.begin(), shape.end(), [](auto e) { return e > 1; });
  const bool packed = above_one == 2 && shape.back() > 1;  // {1,K/4,1,1,4}
  if (above_one > 1 && !packed) return kNoValue;
  return context.reshape(bias, {1, channels, 1, 1});
}

// What stands behind the sums when the bias is not the usual one, an s32 (or, for floats, float)
// number per channel: the operator is taken apart, its parts working on floats.
ValueId add_apart(Context& context, Conv2d op, ValueId x, ValueId w, ValueId bias, ValueId z) {
  const TensorType& type = context.type(bias);
  const bool float_result = op.output.dtype == DType::f32 && type.dtype == DType::f32;
  if (!float_result || z != kNoValue)
    unsupported(concat("a convolution whose bias has the type ", type.to_string(),
                       " is supported only with Float32 bias and output and without z"));
  const Activation activation = std::exchange(op.activation, {});
  Elementwise add;
  add.mode = ElementwiseMode::add;
  const ValueId sum =
      context.add(add, {context.add(std::move(op), {x, w, kNoValue, kNoValue}), bias});
  Elementwise act;
  switch (activation.kind) {
    case ActivationKind::relu: act.mode = ElementwiseMode::relu; break;
    case ActivationKind::sigmoid: act.mode = ElementwiseMode::sigmoid; break;
    case ActivationKind::h_swish: act.mode = ElementwiseMode::h_swish; break;
    default: return sum;
  }
  return context.add(act, {sum});
}

// On sums that stay s32 a ReLU is an operator of its own: takes it out of `op`.
template <typename Op>
bool take_relu_of_sums(Op& op) {
  if (op.output.dtype != DType::s32 || op.activation.kind != ActivationKind::relu) return false;
  op.activation = {};
  return true;
}

ValueId relu_of(Context& context, ValueId sums) {
  Elementwise relu;
  relu.mode = ElementwiseMode::relu;
  return context.add(std::move(relu), {sums});
}

// ConvBias(x, w [, bias [, z]]) and Convolution(x, w).
struct ConvOperands {
  ValueId x, w, bias = kNoValue, z = kNoValue;
};

template <typename P>
std::vector<ValueId> lower_conv(Context& context, const P& p, Activation activation,
                                const ConvOperands& operands) {
  const fbs::ConvFormat format = context.format(p.format());
  FormatLayouts layouts = layouts_of(format);
  // The first convolution of an NCHW88 or NCHW44 network reads an unpacked image.
  if (context.type(operands.x).shape.rank() == 4 && layouts.src.vector > 1) layouts.src = kNCHW;
  const ValueId x = unpack(context, operands.x, layouts.src);
  const Filter filter = unpack_filter(context, operands.w, format, p.sparse());
  const Shape filter_shape = context.type(filter.value).shape;

  Conv2d op;
  op.window = window_of(p);
  op.groups = filter.groups;
  op.flip_filter = flips_filter(p.mode());
  op.activation = activation;
  op.output =
      context.output_spec().value_or(product_spec(context.type(x), context.type(filter.value)));
  const ValueId z = operands.z == kNoValue ? kNoValue : unpack(context, operands.z, layouts.dst);
  if (context.type(x).shape.rank() != 4)
    invalid(concat("the input of a convolution has the shape ", context.type(x).shape.to_string()));
  if (format == fbs::ConvFormat::NCHW && z == kNoValue &&
      has_depthwise_kernel(op, context.type(x), filter_shape))
    op.flip_filter = false;
  op.rule = format == fbs::ConvFormat::NCHW
                ? conv_rule(op, context.type(x), filter_shape, z != kNoValue)
                : EpilogueRule::mge_naive;

  const bool relu_of_sums = take_relu_of_sums(op);
  ValueId result = kNoValue;
  if (operands.bias == kNoValue) {
    result = context.add(std::move(op), {x, filter.value, kNoValue, z});
  } else {
    const ValueId bias = bias_per_channel(context, operands.bias, filter_shape[0]);
    const bool usual = bias != kNoValue &&
                       (context.type(bias).dtype == DType::s32 || is_float(context.type(x).dtype));
    result = usual ? context.add(std::move(op), {x, filter.value, bias, z})
                   : add_apart(context, std::move(op), x, filter.value,
                               bias != kNoValue ? bias : operands.bias, z);
  }
  if (relu_of_sums) result = relu_of(context, result);
  return {pack(context, result, layouts.dst)};
}

std::vector<ValueId> lower_conv_bias(Context& context) {
  context.expect_inputs(2, 4);
  const auto& p = context.param<fbs::ConvBias>();
  ConvOperands operands{context.input(0), context.input(1)};
  if (context.has_input(2)) operands.bias = context.input(2);
  if (context.has_input(3)) operands.z = context.input(3);
  return lower_conv(context, p, activation_of(p.nonline_mode()), operands);
}

std::vector<ValueId> lower_convolution(Context& context) {
  context.expect_inputs(2, 2);
  return lower_conv(context, context.param<fbs::Convolution>(), {},
                    {context.input(0), context.input(1)});
}

// The filter turned by 180 degrees.
ValueId flip(Context& context, ValueId filter) {
  constexpr std::int64_t kToTheFront = std::numeric_limits<std::int32_t>::min();
  return context.add(
      Slice(), {filter, context.integers({-1, -1}), context.integers({kToTheFront, kToTheFront}),
                context.integers({2, 3}), context.integers({-1, -1})});
}

// ConvolutionBackwardData(w, y [, target]): what ONNX calls ConvTranspose of y.
std::vector<ValueId> lower_deconv(Context& context) {
  context.expect_inputs(2, 3);
  const auto& p = context.param<fbs::Convolution>();
  const fbs::ConvFormat format = context.format(p.format());
  const FormatLayouts layouts = layouts_of(format);
  const ValueId x = unpack(context, context.input(1), layouts.src);
  Filter filter = unpack_filter(context, context.input(0), format, p.sparse());
  if (flips_filter(p.mode())) filter.value = flip(context, filter.value);

  ConvTranspose2d op;
  op.window = window_of(p);
  op.groups = filter.groups;
  op.output =
      context.output_spec().value_or(product_spec(context.type(x), context.type(filter.value)));
  if (context.has_input(2)) {
    const Tensor* target = context.graph().known(context.input(2));
    const Shape& in = context.type(x).shape;
    const Shape& taps = context.type(filter.value).shape;
    if (target == nullptr || target->dtype() != DType::s32 || target->shape().elements() != 4 ||
        layouts.dst.vector != 1 || in.rank() != 4)
      unsupported("the target shape of a deconvolution must be four known integers");
    check(op.window);  // so that nothing below overflows
    for (std::size_t i = 0; i < 2; ++i) {
      const std::size_t axis = layouts.dst == kNHWC ? 1 + i : 2 + i;
      const std::int64_t natural = (in[2 + i] - 1) * op.window.stride[i] +
                                   (taps[2 + i] - 1) * op.window.dilation[i] + 1 -
                                   2 * op.window.pad[i];
      op.output_padding[i] = target->values<std::int32_t>()[axis] - natural;
    }
  }
  const ValueId result = context.add(std::move(op), {x, filter.value, kNoValue});
  return {pack(context, result, layouts.dst)};
}

// BatchConvBias(x, w, b [, z]): the filter's first axis is the image.
std::vector<ValueId> lower_batch_conv(Context& context) {
  context.expect_inputs(2, 4);
  const auto& p = context.param<fbs::BatchConvBias>();
  const FormatLayouts layouts = layouts_of(context.format(p.format()));
  if (flips_filter(p.mode())) unsupported("a BatchConvBias of mode CONVOLUTION is not supported");
  if (layouts.src != layouts.dst || layouts.src.order != kNCHW.order)
    unsupported(concat("a BatchConvBias of format ",
                       fbs::EnumNameConvFormat(context.format(p.format())), " is not supported"));
  const ValueId x = unpack(context, context.input(0), layouts.src);

  // {N,[G,]K,C/v,R,S[,v]}: all axes before the channels are rows of one filter while unpacking.
  ValueId w = context.input(1);
  const Shape stored = context.type(w).shape;
  const std::size_t lead = p.sparse() == fbs::ConvSparse::GROUP ? 3 : 2;
  if (stored.rank() < lead + 3) invalid(concat("a filter has the shape ", stored.to_string()));
  std::int64_t rows = 1;
  for (std::size_t i = 0; i < lead; ++i) rows *= stored[i];
  Shape flat{rows};
  for (std::size_t i = lead; i < stored.rank(); ++i) flat.push_back(stored[i]);
  w = unpack(context, context.reshape(w, flat), layouts.src);
  const Shape plain = context.type(w).shape;
  const std::int64_t images = stored[0];
  const std::int64_t channels = images == 0 ? 0 : rows / images;
  if (plain.rank() != 4) invalid(concat("a filter has the shape ", stored.to_string()));
  w = context.reshape(w, {images, channels, plain[1], plain[2], plain[3]});

  BatchConv2d op;
  op.window = window_of(p);
  op.groups = lead == 3 ? stored[1] : 1;
  op.activation = activation_of(p.nonline_mode());
  op.output = context.output_spec().value_or(product_spec(context.type(x), context.type(w)));
  op.rule = EpilogueRule::mge_naive;
  ValueId bias = kNoValue, z = kNoValue;
  if (context.has_input(2)) {
    bias = bias_per_channel(context, context.input(2), channels);
    if (bias == kNoValue)
      unsupported(concat("a BatchConvBias whose bias has the shape ",
                         context.type(context.input(2)).shape.to_string(), " is not supported"));
  }
  if (context.has_input(3)) z = unpack(context, context.input(3), layouts.dst);
  const bool relu_of_sums = take_relu_of_sums(op);
  ValueId result = context.add(std::move(op), {x, w, bias, z});
  if (relu_of_sums) result = relu_of(context, result);
  return {pack(context, result, layouts.dst)};
}

constexpr OperatorRow kRows[] = {
    {"ConvBiasForwardV4", lower_conv_bias},       {"ConvBiasForwardV3", lower_conv_bias},
    {"ConvBiasForward", lower_conv_bias},         {"ConvolutionV2", lower_convolution},
    {"ConvolutionV1", lower_convolution},         {"Convolution", lower_convolution},
    {"ConvolutionForward", lower_convolution},    {"ConvolutionBackwardDataV2", lower_deconv},
    {"ConvolutionBackwardDataV1", lower_deconv},  {"ConvolutionBackwardData", lower_deconv},
    {"BatchConvBiasForwardV1", lower_batch_conv}, {"BatchConvBiasForward", lower_batch_conv},
};

}  // namespace

std::span<const OperatorRow> conv_operators() { return kRows; }

}  // namespace octet::mge
