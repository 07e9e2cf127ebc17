// Convolutions that cannot be: each is refused with a sentence, none crashes.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/limits.hpp"
#include "ops/conv.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::Refusal;

const Quant kUnit = Quant::per_tensor(1.0f);

Tensor value(DType dtype, const Shape& shape, std::optional<Quant> quant = std::nullopt) {
  return Tensor(TensorType{dtype, shape, kNCHW, std::move(quant)});
}
Tensor s8(const Shape& shape) { return value(DType::s8, shape, kUnit); }
Tensor f32(const Shape& shape) { return value(DType::f32, shape); }

OpPtr conv(const std::function<void(Conv2d&)>& change = [](Conv2d&) {}) {
  Conv2d op;
  op.output = {DType::s8, kUnit};
  change(op);
  return make_op<Conv2d>(op);
}

const Tensor kX = s8({1, 4, 8, 8});
const Tensor kW = s8({6, 4, 3, 3});
const Tensor kZ = s8({1, 6, 6, 6});

TEST(Conv2dRefusals, Geometry) {
  const auto window = [](auto change) { return conv([&](Conv2d& op) { change(op.window); }); };
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  expect_refusals({
      {window([](Window2d& w) {
         w.stride = {0, 1};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "stride 0"},
      {window([](Window2d& w) {
         w.stride = {1, -2};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "stride -2"},
      {window([](Window2d& w) {
         w.dilation = {0, 1};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "dilation 0"},
      {window([&](Window2d& w) {
         w.dilation = {most, 1};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "dilation 9223372036854775807"},
      {window([](Window2d& w) {
         w.pad = {-1, 0, 0, 0};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "padding -1"},
      {window([&](Window2d& w) {
         w.pad = {most, 0, most, 0};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "padding 9223372036854775807"},
      {window([](Window2d& w) {
         w.pad = {0, 0, limits::kExtent, limits::kExtent};
       }),
       {kX, kW},
       StatusCode::resource_exhausted,
       "extent"},
      {window([](Window2d& w) {
         w.pad = {100000, 0, 0, 100000};
       }),
       {kX, kW},
       StatusCode::resource_exhausted,
       "elements"},
      {window([](Window2d& w) {
         w.dilation = {4, 1};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "does not fit into 8"},
      {window([](Window2d& w) {
         w.dilation = {limits::kExtent, limits::kExtent};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "does not fit"},
      {conv(), {kX, s8({6, 4, 0, 3})}, StatusCode::invalid_model, "kernel extent 0"},
      {conv(),
       {kX, s8({6, 4, 9, 3})},
       StatusCode::invalid_model,
       "of extent 9 does not fit into 8"},
  });
}

TEST(Conv2dRefusals, Channels) {
  const auto groups = [](std::int64_t count) {
    return conv([=](Conv2d& op) { op.groups = count; });
  };
  expect_refusals({
      {groups(0), {kX, kW}, StatusCode::invalid_model, "0 groups"},
      {groups(-2), {kX, kW}, StatusCode::invalid_model, "-2 groups"},
      {groups(3),
       {kX, kW},
       StatusCode::invalid_model,
       "3 groups do not divide 4 input and 6 output"},
      {groups(std::numeric_limits<std::int64_t>::min()),
       {kX, kW},
       StatusCode::invalid_model,
       "groups"},
      {groups(2),
       {kX, kW},
       StatusCode::invalid_model,
       "has 4 input channels where the input has 2 per group"},
      {conv(), {kX, s8({6, 5, 3, 3})}, StatusCode::invalid_model, "has 5 input channels"},
      {conv(),
       {s8({1, 0, 8, 8}), s8({6, 0, 3, 3})},
       StatusCode::invalid_model,
       "nothing to compute"},
      {conv(), {kX, s8({0, 4, 3, 3})}, StatusCode::invalid_model, "nothing to compute"},
      {conv(), {s8({4, 8, 8}), kW}, StatusCode::invalid_model, "{N,C,H,W} is expected"},
      {conv(), {kX, s8({6, 4, 3})}, StatusCode::invalid_model, "{K,C/G,R,S} is expected"},
      {conv(), {kX}, StatusCode::invalid_model, "1 input"},
      {conv(), {kX, kW, Tensor{}, Tensor{}, kZ}, StatusCode::invalid_model, "5 inputs"},
  });
}

TEST(Conv2dRefusals, TypesAndScales) {
  Quant per_channel = kUnit;
  per_channel.axis = 1;
  per_channel.scales.assign(4, 1.0f);
  Quant too_short = per_channel;
  too_short.axis = 0;
  Quant bad_axis = too_short;
  bad_axis.axis = 7;
  Quant no_scale = kUnit;
  no_scale.scales.clear();
  const Quant infinite = Quant::per_tensor(std::numeric_limits<float>::infinity());
  const Quant negative = Quant::per_tensor(-1.0f);
  Quant points = kUnit;
  points.zero_points = {1, 2, 3};
  points.axis = 0;
  const Shape x{1, 4, 8, 8}, w{6, 4, 3, 3};
  expect_refusals({
      {conv(), {f32(x), kW}, StatusCode::unsupported, "input is f32"},
      {conv(), {kX, f32(w)}, StatusCode::unsupported, "weight is f32"},
      {conv(), {value(DType::s16, x, kUnit), kW}, StatusCode::unsupported, "input is s16"},
      {conv(), {value(DType::boolean, x), kW}, StatusCode::unsupported, "input is bool"},
      {conv(),
       {value(DType::s8, x, per_channel), kW},
       StatusCode::unsupported,
       "input with a scale per channel"},
      {conv(),
       {kX, value(DType::s8, w, per_channel)},
       StatusCode::unsupported,
       "axis 1 instead of 0"},
      {conv(),
       {kX, value(DType::s8, w, too_short)},
       StatusCode::invalid_model,
       "4 scales stand along axis 0"},
      {conv(), {kX, value(DType::s8, w, bad_axis)}, StatusCode::invalid_model, "axis 7"},
      {conv(), {kX, value(DType::s8, w, no_scale)}, StatusCode::invalid_model, "no scale"},
      {conv(), {kX, value(DType::s8, w, infinite)}, StatusCode::invalid_model, "the scale inf"},
      {conv(), {kX, value(DType::s8, w, negative)}, StatusCode::invalid_model, "the scale -1"},
      {conv(),
       {kX, value(DType::s8, w, points)},
       StatusCode::invalid_model,
       "3 zero points stand beside 1 scales"},
      {conv([](Conv2d& op) {
         op.output = {DType::s8, std::nullopt};
       }),
       {kX, kW},
       StatusCode::invalid_model,
       "needs a scale"},
      {conv(), {f32(x), f32(w)}, StatusCode::invalid_model, "s8(1) instead of f32"},
      {conv([](Conv2d& op) { op.output = {}; }),
       {value(DType::f32, x, kUnit), f32(w)},
       StatusCode::invalid_model,
       "f32 operand has a scale"},
  });
}

TEST(Conv2dRefusals, BiasAndResidual) {
  const auto bias = [](const Shape& shape, float scale) {
    return value(DType::s32, shape, Quant::per_tensor(scale));
  };
  const auto twice = conv([](Conv2d& op) { op.z_rounding = ZRounding::twice; });
  const auto sums = conv([](Conv2d& op) { op.output = {DType::s32, std::nullopt}; });
  Quant shifted = Quant::per_tensor(1.0f, 1);
  expect_refusals({
      {conv(), {kX, kW, bias({5}, 1.0f)}, StatusCode::invalid_model, "{5} where {6} or {1,6,1,1}"},
      {conv(),
       {kX, kW, bias({1, 6, 1, 2}, 1.0f)},
       StatusCode::invalid_model,
       "the bias has the shape"},
      {conv(), {kX, kW, bias({6}, 1.1f)}, StatusCode::invalid_model, "the bias has the scale 1.1"},
      {conv(), {kX, kW, value(DType::s32, {6}, shifted)}, StatusCode::invalid_model, "zero point"},
      {conv(), {kX, kW, f32({6})}, StatusCode::invalid_model, "where s32 is expected"},
      {conv(),
       {kX, kW, Tensor{}, s8({1, 6, 6, 5})},
       StatusCode::invalid_model,
       "residual operand has the shape"},
      {conv(),
       {kX, kW, Tensor{}, f32({1, 6, 6, 6})},
       StatusCode::invalid_model,
       "quantised s8 or u8"},
      {conv(),
       {kX, kW, Tensor{}, value(DType::s8, {1, 6, 6, 6})},
       StatusCode::invalid_model,
       "quantised s8 or u8"},
      {sums, {kX, kW, Tensor{}, kZ}, StatusCode::invalid_model, "stay s32"},
      {twice, {kX, kW, Tensor{}, kZ}, StatusCode::invalid_model, "quantised result in between"},
  });
}

}  // namespace
}  // namespace octet
