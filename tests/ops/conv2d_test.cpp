#include <gtest/gtest.h>

#include "ir/graph.hpp"
#include "ops/conv.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::run;
using testing::tensor;
using testing::values;

const Quant kUnit = Quant::per_tensor(1.0f);
const OutputSpec kSums{DType::s32, std::nullopt};

Conv2d conv(OutputSpec output, EpilogueRule rule = EpilogueRule::mge_dense) {
  Conv2d op;
  op.output = std::move(output);
  op.rule = rule;
  return op;
}

TEST(Conv2d, SumsAWindow) {
  const Tensor x = tensor<std::int8_t>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, kUnit);
  const Tensor w = tensor<std::int8_t>({1, 1, 2, 2}, {1, 2, 3, 4}, kUnit);
  const auto y = run(conv(kSums), {x, w})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 1, 2, 2}));
  EXPECT_EQ(values<std::int32_t>(y), (std::vector<std::int32_t>{37, 47, 67, 77}));

  Conv2d flipped = conv(kSums);
  flipped.flip_filter = true;
  EXPECT_EQ(values<std::int32_t>(run(flipped, {x, w})[0]),
            (std::vector<std::int32_t>{23, 33, 53, 63}));
}

TEST(Conv2d, PadsEachSideByItself) {
  Conv2d op = conv(kSums);
  op.window.pad = {1, 0, 0, 2};  // top, left, bottom, right
  const Tensor x = tensor<std::int8_t>({1, 1, 1, 2}, {1, 2}, kUnit);
  const Tensor w = tensor<std::int8_t>({1, 1, 2, 2}, {1, 10, 100, -100}, kUnit);
  const auto y = run(op, {x, w})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 1, 1, 3}));
  EXPECT_EQ(values<std::int32_t>(y), (std::vector<std::int32_t>{-100, 200, 0}));
}

TEST(Conv2d, PaddingIsTheZeroPoint) {
  Conv2d op = conv(kSums);
  op.window.pad = {1, 1, 1, 1};
  const Tensor x = tensor<std::uint8_t>({1, 1, 1, 1}, {135}, Quant::per_tensor(1.0f, 130));
  const Tensor w = tensor<std::int8_t>({1, 1, 3, 3}, {9, 9, 9, 9, 2, 9, 9, 9, 9}, kUnit);
  EXPECT_EQ(values<std::int32_t>(run(op, {x, w})[0]), std::vector<std::int32_t>{10});
}

TEST(Conv2d, WeightsHaveScalesAndZeroPointsOfTheirOwn) {
  Quant per_channel;
  per_channel.scales = {0.5f, 2.0f};
  per_channel.zero_points = {1, -1};
  per_channel.axis = 0;
  const Tensor x = tensor<std::int8_t>({1, 1, 1, 1}, {6}, Quant::per_tensor(1.0f));
  const Tensor w = tensor<std::int8_t>({2, 1, 1, 1}, {3, 3}, per_channel);
  EXPECT_EQ(values<std::int32_t>(run(conv(kSums), {x, w})[0]), (std::vector<std::int32_t>{12, 24}));
  const OutputSpec s8{DType::s8, Quant::per_tensor(4.0f, 10)};
  // 12 * 0.5 / 4 = 1.5 and 24 * 2 / 4 = 12.
  EXPECT_EQ(values<std::int8_t>(run(conv(s8, EpilogueRule::onnx), {x, w})[0]),
            (std::vector<std::int8_t>{12, 22}));
}

TEST(Conv2d, GroupsSeeTheirOwnChannels) {
  Conv2d op = conv(kSums);
  op.groups = 2;
  const Tensor x = tensor<std::int8_t>({1, 4, 1, 1}, {1, 2, 3, 4}, kUnit);
  const Tensor w = tensor<std::int8_t>({2, 2, 1, 1}, {1, 10, 1, 10}, kUnit);
  EXPECT_EQ(values<std::int32_t>(run(op, {x, w})[0]), (std::vector<std::int32_t>{21, 43}));
}

TEST(Conv2d, ABareSumHoldsTheBiasAsAnInteger) {
  const Tensor x = tensor<std::int8_t>({1, 1, 1, 1}, {6}, Quant::per_tensor(0.1f));
  const Tensor w = tensor<std::int8_t>({1, 1, 1, 1}, {7}, Quant::per_tensor(0.2f));
  const Tensor bias = tensor<std::int32_t>({1}, {1000}, Quant::per_tensor(0.1f * 0.2f));
  const OutputSpec sums{DType::s32, Quant::per_tensor(0.1f * 0.2f)};
  const auto y = run(conv(sums), {x, w, bias})[0];
  EXPECT_EQ(values<std::int32_t>(y), std::vector<std::int32_t>{1042});
  EXPECT_EQ(y.type().quant, sums.quant);
}

TEST(Conv2d, SaturatesToTheOutput) {
  const Tensor x = tensor<std::int8_t>({1, 2, 1, 1}, {-128, 127}, kUnit);
  const Tensor w = tensor<std::int8_t>({2, 2, 1, 1}, {127, 0, 0, 127}, kUnit);
  const OutputSpec s8{DType::s8, kUnit};
  EXPECT_EQ(values<std::int8_t>(run(conv(s8), {x, w})[0]), (std::vector<std::int8_t>{-128, 127}));
}

TEST(Conv2d, FloatsAddBiasAndResidualBeforeTheActivation) {
  Conv2d op;
  op.activation = {ActivationKind::relu};
  const Tensor x = tensor<float>({1, 1, 1, 2}, {1.5f, -2.0f});
  const Tensor w = tensor<float>({1, 1, 1, 1}, {2.0f});
  const Tensor bias = tensor<float>({1, 1, 1, 1}, {0.5f});
  const Tensor z = tensor<float>({1, 1, 1, 2}, {10.0f, 3.0f});
  EXPECT_EQ(values<float>(run(op, {x, w, bias, z})[0]), (std::vector<float>{13.5f, 0.0f}));
  EXPECT_EQ(values<float>(run(op, {x, w, Tensor{}, z})[0]), (std::vector<float>{13.0f, 0.0f}));
}

TEST(Conv2d, AnEmptyBatchGivesAnEmptyResult) {
  const Tensor x(TensorType{DType::s8, Shape{0, 1, 3, 3}, kNCHW, kUnit});
  const Tensor w = tensor<std::int8_t>({1, 1, 2, 2}, {1, 2, 3, 4}, kUnit);
  EXPECT_EQ(run(conv(kSums), {x, w})[0].shape(), (Shape{0, 1, 2, 2}));
}

// Residual operand with the scale 1 and the sum rounded to steps of 2.
TEST(Conv2d, TheResidualIsRoundedOnceOrTwice) {
  const Tensor x = tensor<std::int8_t>({1, 1, 1, 2}, {3, -3}, kUnit);
  const Tensor w = tensor<std::int8_t>({1, 1, 1, 1}, {1}, Quant::per_tensor(0.5f));
  const Tensor z = tensor<std::int8_t>({1, 1, 1, 2}, {1, 1}, kUnit);
  Conv2d op = conv({DType::s8, Quant::per_tensor(2.0f)}, EpilogueRule::mge_packed);
  // 1.5 + 1 = 2.5 and -1.5 + 1 = -0.5, in steps of 2.
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, Tensor{}, z})[0]), (std::vector<std::int8_t>{1, 0}));
  // 1.5 and -1.5 become 2 and -2 first: 3 and -1 in steps of 2.
  op.z_rounding = ZRounding::twice;
  op.mid = {DType::s8, kUnit};
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, Tensor{}, z})[0]),
            (std::vector<std::int8_t>{2, -1}));
  op.mid_activation = {ActivationKind::relu};
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, Tensor{}, z})[0]), (std::vector<std::int8_t>{2, 1}));
  op.z_rule = QuantRule::onnx;  // 1.5 is a tie and 0.5 is one
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, Tensor{}, z})[0]), (std::vector<std::int8_t>{2, 0}));
}

TEST(Conv2d, TellsEveryAttributeThatChangesItsMeaning) {
  Conv2d op = conv({DType::u8, Quant::per_tensor(0.1f, 3)}, EpilogueRule::onnx);
  op.window = {{2, 1}, {0, 1, 2, 3}, {1, 4}};
  op.groups = 2;
  op.flip_filter = true;
  op.activation = {ActivationKind::clip, 0.0f, 6.0f};
  EXPECT_EQ(to_text(op),
            "conv2d stride=2,1 pad=0,1,2,3 dilation=1,4 groups=2 flip_filter=1 activation=clip "
            "alpha=0 beta=6 output=u8(0.100000001,3) rule=onnx");
  op = Conv2d{};
  op.z_rounding = ZRounding::twice;
  op.mid = {DType::s8, Quant::per_tensor(0.5f)};
  op.mid_activation = {ActivationKind::leaky_relu, 0.25f};
  EXPECT_NE(to_text(op).find("z_rounding=twice mid=s8(0.5) mid_activation=leaky_relu "
                             "mid_alpha=0.25 z_rule=mge"),
            std::string::npos)
      << to_text(op);
}

}  // namespace
}  // namespace octet
