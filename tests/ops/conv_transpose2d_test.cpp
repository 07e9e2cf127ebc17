#include <gtest/gtest.h>

#include <limits>

#include "ops/conv.hpp"
#include "ops/naive_conv.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::Random;
using testing::run;
using testing::tensor;
using testing::values;

const Quant kUnit = Quant::per_tensor(1.0f);
const OutputSpec kSums{DType::s32, std::nullopt};

ConvTranspose2d sums() {
  ConvTranspose2d op;
  op.output = kSums;
  return op;
}

TEST(ConvTranspose2d, SpreadsEveryInputOverItsWindow) {
  ConvTranspose2d op = sums();
  op.window.stride = {2, 2};
  const Tensor x = tensor<std::int8_t>({1, 1, 1, 2}, {1, 10}, kUnit);
  const Tensor w = tensor<std::int8_t>({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}, kUnit);
  const auto y = run(op, {x, w})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 1, 2, 5}));
  EXPECT_EQ(values<std::int32_t>(y),
            (std::vector<std::int32_t>{1, 2, 13, 20, 30, 4, 5, 46, 50, 60}));

  op.window.pad = {1, 1, 0, 2};
  op.output_padding = {1, 1};
  const auto cropped = run(op, {x, w})[0];
  EXPECT_EQ(cropped.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ(values<std::int32_t>(cropped), (std::vector<std::int32_t>{5, 46, 50, 0, 0, 0}));
}

TEST(ConvTranspose2d, ScalesOfTheWeightRepeatInEveryGroup) {
  ConvTranspose2d op;
  op.groups = 2;
  op.rule = EpilogueRule::onnx;
  op.output = {DType::s8, kUnit};
  Quant per_channel;
  per_channel.scales = {1.0f, 0.5f};
  per_channel.zero_points = {0, 1};
  per_channel.axis = 1;
  const Tensor x = tensor<std::uint8_t>({1, 2, 1, 1}, {13, 20}, Quant::per_tensor(1.0f, 10));
  const Tensor w = tensor<std::int8_t>({2, 2, 1, 1}, {1, 3, 2, 5}, per_channel);
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w})[0]), (std::vector<std::int8_t>{3, 3, 20, 20}));
  const Tensor bias = tensor<std::int32_t>({4}, {1, 1, -1, -1});
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, bias})[0]),
            (std::vector<std::int8_t>{4, 4, 19, 20}));
}

TEST(ConvTranspose2d, FloatsAddTheBiasBeforeTheActivation) {
  ConvTranspose2d op;
  op.activation = {ActivationKind::relu};
  const Tensor x = tensor<float>({1, 1, 1, 2}, {1.0f, -2.0f});
  const Tensor w = tensor<float>({1, 1, 1, 1}, {2.0f});
  EXPECT_EQ(values<float>(run(op, {x, w, tensor<float>({1}, {0.5f})})[0]),
            (std::vector<float>{2.5f, 0.0f}));
}

// The transposed convolution is the adjoint: <conv(a), b> = <a, transpose(b)> for the same filter.
TEST(ConvTranspose2dRandom, IsTheAdjointOfTheConvolution) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    Conv2d forward;
    forward.output = kSums;
    forward.groups = random.pick<std::int64_t>({1, 2});
    for (auto& stride : forward.window.stride) stride = random.integer(1, 3);
    for (auto& dilation : forward.window.dilation) dilation = random.integer(1, 2);
    for (auto& pad : forward.window.pad) pad = random.integer(0, 2);
    const std::int64_t c = forward.groups * random.integer(1, 3);
    const std::int64_t k = forward.groups * random.integer(1, 3);
    const Shape filter{k, c / forward.groups, random.integer(1, 3), random.integer(1, 3)};
    const Tensor a = random.tensor(DType::s8, {1, c, random.integer(6, 9), random.integer(6, 9)});
    const Tensor w = random.tensor(DType::s8, filter);
    const Tensor conv_a = run(forward, {a, w})[0];
    const Tensor b = random.tensor(DType::s8, conv_a.shape());

    ConvTranspose2d back = sums();
    back.window = forward.window;
    back.groups = forward.groups;
    // What the stride skipped at the bottom and right comes back as output padding.
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}})
      back.output_padding[i] = a.shape()[2 + i] + back.window.pad[i] + back.window.pad[i + 2] -
                               (b.shape()[2 + i] - 1) * back.window.stride[i] -
                               back.window.dilation[i] * (filter[2 + i] - 1) - 1;
    const Tensor spread = run(back, {b, w})[0];
    ASSERT_EQ(spread.shape(), a.shape());
    std::int64_t left = 0, right = 0;
    for (std::int64_t i = 0; i < b.shape().elements(); ++i)
      left += testing::stored(b, i) * conv_a.values<std::int32_t>()[static_cast<std::size_t>(i)];
    for (std::int64_t i = 0; i < a.shape().elements(); ++i)
      right += testing::stored(a, i) * spread.values<std::int32_t>()[static_cast<std::size_t>(i)];
    ASSERT_EQ(left, right) << "seed " << seed;
  }
}

TEST(ConvTranspose2d, Refusals) {
  const auto changed = [](auto change) {
    ConvTranspose2d op = sums();
    change(op);
    return make_op<ConvTranspose2d>(op);
  };
  const auto s8 = [](const Shape& shape) {
    return Tensor(TensorType{DType::s8, shape, kNCHW, kUnit});
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto plain = changed([](ConvTranspose2d&) {});
  const Tensor x = s8({1, 4, 3, 3}), w = s8({4, 2, 2, 2});
  Quant rows = kUnit;
  rows.scales.assign(4, 1.0f);
  rows.axis = 0;
  const StatusCode bad = StatusCode::invalid_model;
  expect_refusals({
      {plain, {x}, bad, "1 input"},
      {plain, {s8({4, 3, 3}), w}, bad, "{N,C,H,W}"},
      {plain, {x, s8({4, 2, 2})}, bad, "{C,K/G,R,S}"},
      {plain, {x, s8({5, 2, 2, 2})}, bad, "has 5 input channels"},
      {plain, {x, s8({4, 0, 2, 2})}, bad, "is not possible"},
      {plain, {x, s8({4, 2, 0, 2})}, bad, "nothing to compute"},
      {plain, {s8({1, 4, 0, 3}), w}, bad, "nothing to compute"},
      {changed([](ConvTranspose2d& op) { op.groups = 0; }), {x, w}, bad, "0 groups"},
      {changed([](ConvTranspose2d& op) { op.groups = 3; }), {x, w}, bad, "3 groups"},
      {changed([](ConvTranspose2d& op) {
         op.window.stride = {0, 1};
       }),
       {x, w},
       bad,
       "stride 0"},
      {changed([](ConvTranspose2d& op) {
         op.window.pad = {9, 0, 0, 0};
       }),
       {x, w},
       bad,
       "leaves nothing of the 4"},
      {changed([](ConvTranspose2d& op) {
         op.output_padding = {-1, 0};
       }),
       {x, w},
       bad,
       "output padding -1"},
      {changed([](ConvTranspose2d& op) {
         op.output_padding = {kMost, 0};
       }),
       {x, w},
       bad,
       "output padding 9223372036854775807"},
      {changed([](ConvTranspose2d& op) {
         op.window.stride = {2147483647, 2147483647};
       }),
       {x, w},
       StatusCode::resource_exhausted,
       "extent"},
      {changed([](ConvTranspose2d& op) {
         op.output = {DType::s8, {}};
       }),
       {x, w},
       bad,
       "needs a scale"},
      {plain,
       {x, Tensor(TensorType{DType::s8, {4, 2, 2, 2}, kNCHW, rows})},
       StatusCode::unsupported,
       "axis 0 instead of 1"},
      {plain, {x, w, tensor<std::int32_t>({3}, {1, 2, 3})}, bad, "where {2} or {1,2,1,1}"},
      {plain,
       {tensor<float>({1, 1, 1, 1}, {1}), tensor<float>({1, 1, 1, 1}, {1})},
       bad,
       "s32 instead of f32"},
  });
}

}  // namespace
}  // namespace octet
