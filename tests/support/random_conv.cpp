#include "support/random_conv.hpp"

#include <algorithm>

namespace octet::testing {
namespace {

Activation random_activation(Random& random) {
  Activation activation;
  activation.kind =
      random.pick({ActivationKind::none, ActivationKind::none, ActivationKind::relu,
                   ActivationKind::relu, ActivationKind::clip, ActivationKind::leaky_relu,
                   ActivationKind::h_swish, ActivationKind::sigmoid});
  if (activation.kind == ActivationKind::clip) activation.beta = random.number(0.5f, 6.0f);
  if (activation.kind == ActivationKind::leaky_relu) activation.alpha = 0.1f;
  return activation;
}

// Activations whose meaning does not depend on the scale go with every rule.
Activation activation_for(Random& random, EpilogueRule rule) {
  const bool steps = rule == EpilogueRule::mge_ratio || rule == EpilogueRule::onnx;
  for (;;) {
    const Activation a = random_activation(random);
    if (!steps || (a.kind != ActivationKind::h_swish && a.kind != ActivationKind::sigmoid))
      return a;
  }
}

struct Geometry {
  std::int64_t n, c, h, w, k, r, s, groups;
  Window2d window;
};

Geometry random_geometry(Random& random, const ConvWishes& wishes) {
  const bool depthwise = wishes.depthwise;
  const std::int64_t step = wishes.channel_step;
  Geometry g{};
  g.n = wishes.many_images ? random.pick<std::int64_t>({1, 3, 4, 8, 32, 36}) : random.integer(1, 3);
  g.groups = depthwise      ? step * random.integer(1, 150 / step)
             : wishes.dense ? 1
                            : random.pick<std::int64_t>({1, 1, 1, 2, 4});
  g.c = depthwise
            ? g.groups
            : g.groups * step *
                  random.integer(1, std::max<std::int64_t>(1, wishes.most_channels / 2 / step));
  g.k = depthwise ? g.groups
                  : g.groups * step *
                        random.integer(1, std::max<std::int64_t>(1, wishes.most_channels / step));
  g.r = random.pick<std::int64_t>({1, 1, 3, 3, 5, 2});
  g.s = random.chance(0.8) ? g.r : random.integer(1, 7);
  if (wishes.filter > 0) g.r = g.s = wishes.filter;
  for (std::size_t i = 0; i < 2; ++i) {
    g.window.stride[i] = random.pick<std::int64_t>({1, 1, 2, 3});
    g.window.dilation[i] = random.pick<std::int64_t>({1, 1, 1, 2});
    if (wishes.stride > 0) g.window.stride[i] = wishes.stride;
    if (wishes.filter > 0 && random.chance(0.8)) g.window.dilation[i] = 1;
  }
  for (std::int64_t& pad : g.window.pad) pad = random.pick<std::int64_t>({0, 0, 1, 2, 3});
  const auto extent = [&](std::int64_t kernel, std::int64_t dilation) {
    return (kernel - 1) * dilation + 1 + random.integer(0, 12);
  };
  if (wishes.same_size) {
    const std::int64_t stride = std::max<std::int64_t>(1, wishes.stride);
    g.window = {{stride, stride}, {g.r / 2, g.s / 2, g.r / 2, g.s / 2}, {1, 1}};
    g.h = random.integer(1, random.chance(0.3) ? 70 : 15);
    g.w = random.integer(1, random.chance(0.3) ? 70 : 15);
    return g;
  }
  g.h = extent(g.r, g.window.dilation[0]);
  g.w = extent(g.s, g.window.dilation[1]);
  return g;
}

TensorType weights_type(Random& random, const Geometry& g, bool per_channel) {
  TensorType type{DType::s8, Shape{g.k, g.c / g.groups, g.r, g.s}, kNCHW, Quant{}};
  type.quant->scales = {random_scale(random)};
  if (per_channel) {
    type.quant->axis = 0;
    for (std::int64_t k = 1; k < g.k; ++k) type.quant->scales.push_back(random_scale(random));
  }
  if (random.chance(0.2)) {
    type.dtype = DType::u8;
    type.quant->zero_points.assign(type.quant->scales.size(), 128);
  }
  return type;
}

void add_z(Random& random, Conv2d& op, Case& c, const Shape& output) {
  const DType dtype = random.pick({DType::s8, DType::u8});
  TensorType type{dtype, output, kNCHW, random_quant(random, dtype, 0.3)};
  c.inputs.push_back(random_tensor(random, type));
  if (random.chance(0.3) || op.output.dtype == DType::f32) return;
  op.z_rounding = ZRounding::twice;
  op.mid.dtype = random.pick({DType::s8, DType::u8});
  op.mid.quant = random_quant(random, op.mid.dtype, 0.3);
  op.mid_activation = activation_for(random, op.rule);
  op.activation = random_activation(random);
  op.z_rule = random.pick({QuantRule::mge, QuantRule::onnx});
}

}  // namespace

Case random_conv(Random& random, const ConvWishes& wishes) {
  const Geometry g = random_geometry(random, wishes);
  Conv2d op;
  op.window = g.window;
  op.groups = g.groups;
  op.flip_filter = random.chance(0.1);
  op.rule = random.pick({EpilogueRule::mge_dense, EpilogueRule::mge_packed, EpilogueRule::mge_ratio,
                         EpilogueRule::onnx});
  op.output.dtype =
      random.pick({DType::s8, DType::s8, DType::u8, DType::u8, DType::f32, DType::s32});
  const bool bytes = op.output.dtype == DType::s8 || op.output.dtype == DType::u8;
  if (bytes) op.output.quant = random_quant(random, op.output.dtype, 0.3);
  if (op.output.dtype != DType::s32) op.activation = activation_for(random, op.rule);

  Case c;
  const DType x = random.pick({DType::s8, DType::u8});
  c.inputs.push_back(
      random_tensor(random, {x, Shape{g.n, g.c, g.h, g.w}, kNCHW, random_quant(random, x, 0.4)}));
  c.inputs.push_back(random_tensor(random, weights_type(random, g, op.rule == EpilogueRule::onnx)));
  c.inputs.emplace_back();
  if (random.chance(0.7))
    c.inputs[2] = random_tensor(random, {DType::s32, Shape{g.k}, kNCHW, std::nullopt});
  c.constant = {false, true, true};
  if (op.output.dtype != DType::s32 && random.chance(0.4)) {
    const Shape output{g.n, g.k, window_positions(op.window, 0, g.h, g.r),
                       window_positions(op.window, 1, g.w, g.s)};
    add_z(random, op, c, output);
  }
  c.op = make_op<Conv2d>(op);
  return c;
}

namespace {

// A convolution whose filter has one scale and whose z, if any, is rounded once.
Case random_plain_conv(Random& random, const ConvWishes& wishes) {
  for (;;) {
    Case c = random_conv(random, wishes);
    const auto& op = dynamic_cast<const Conv2d&>(*c.op);
    if (op.rule != EpilogueRule::onnx && op.z_rounding == ZRounding::once) return c;
  }
}

}  // namespace

Case random_batch_conv(Random& random, const ConvWishes& wishes) {
  Case c = random_plain_conv(random, wishes);
  const auto& conv = dynamic_cast<const Conv2d&>(*c.op);
  BatchConv2d op;
  op.window = conv.window;
  op.groups = conv.groups;
  op.activation = conv.activation;
  op.output = conv.output;
  op.rule = conv.rule;
  TensorType type = c.inputs[1]->type();
  const Shape w = type.shape;
  type.shape = Shape{c.inputs[0]->shape()[0], w[0], w[1], w[2], w[3]};
  c.inputs[1] = random_tensor(random, type);
  c.constant[1] = random.chance(0.5);
  c.op = make_op<BatchConv2d>(op);
  return c;
}

Case random_group_local(Random& random, const ConvWishes& wishes) {
  Case c = random_plain_conv(random, wishes);
  const auto& conv = dynamic_cast<const Conv2d&>(*c.op);
  GroupLocal op;
  op.window = conv.window;
  op.flip_filter = conv.flip_filter;
  op.output = conv.output;
  op.rule = conv.rule;
  TensorType type = c.inputs[1]->type();
  const Shape w = type.shape, x = c.inputs[0]->shape();
  type.shape = Shape{conv.groups,
                     window_positions(conv.window, 0, x[2], w[2]),
                     window_positions(conv.window, 1, x[3], w[3]),
                     w[1],
                     w[2],
                     w[3],
                     w[0] / conv.groups};
  c.inputs.resize(1);
  c.inputs.push_back(random_tensor(random, type));
  c.constant = {false, random.chance(0.5)};
  c.op = make_op<GroupLocal>(op);
  return c;
}

}  // namespace octet::testing
