// Every rule of docs/numerics.md on values whose rounding tells the rules apart.
#include "ops/epilogue.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "ops/op_harness.hpp"

namespace octet {
namespace {

using testing::tensor;

OutputSpec s8(float scale, std::int32_t zero_point = 0) {
  return {DType::s8, Quant::per_tensor(scale, zero_point)};
}

// One channel, s_x = `scale`, s_w = 1.
float apply_once(EpilogueRule rule, const OutputSpec& output, float scale, std::int32_t acc,
                 const Tensor* bias = nullptr, Activation activation = {}) {
  const ConstView view = bias != nullptr ? ConstView(*bias) : ConstView();
  const Epilogue e = make_epilogue(rule, activation, output, 1, Quant::per_tensor(scale),
                                   Quant::per_tensor(1.0f), bias != nullptr ? &view : nullptr, {});
  return apply(e, acc, 0, 0);
}

TEST(Rounding, HalfAwayAddsTheHalfInBinary32) {
  EXPECT_EQ(round_half_away(2.5f), 3.0f);
  EXPECT_EQ(round_half_away(-2.5f), -3.0f);
  EXPECT_EQ(round_half_away(0.49999997f), 1.0f);
  EXPECT_EQ(round_half_away(0.4999999f), 0.0f);
  EXPECT_EQ(round_by(Rounding::even, 2.5f), 2.0f);
  EXPECT_EQ(round_by(Rounding::even, -3.5f), -4.0f);
}

TEST(Quantiser, MgeMultipliesByTheReciprocalAndOnnxDivides) {
  // 0.1f * 24.5 = 2.45: the quotient is a tie to even, the product with fl(1/0.1f) is not below it.
  const float v = 24.5f * 0.1f;
  const Quantiser mge = Quantiser::make(s8(0.1f), QuantRule::mge);
  const Quantiser onnx = Quantiser::make(s8(0.1f), QuantRule::onnx);
  EXPECT_EQ(mge(v), 25);
  EXPECT_EQ(onnx(v), 24);
}

TEST(Quantiser, AddsTheZeroPointAfterRoundingAndClampsLast) {
  const OutputSpec output{DType::u8, Quant::per_tensor(1.0f, 131)};
  const Quantiser mge = Quantiser::make(output, QuantRule::mge);
  EXPECT_EQ(mge(-0.5f), 130);  // -1 + 131, not round(130.5)
  EXPECT_EQ(mge(0.5f), 132);
  const Quantiser onnx = Quantiser::make(output, QuantRule::onnx);
  EXPECT_EQ(onnx(-0.5f), 131);
  EXPECT_EQ(onnx(0.5f), 131);
  EXPECT_EQ(onnx(1e9f), 255);
  EXPECT_EQ(onnx(-std::numeric_limits<float>::infinity()), 0);
  EXPECT_EQ(onnx(std::numeric_limits<float>::quiet_NaN()), 0);
}

TEST(Quantiser, SaturatesToEveryType) {
  const auto both = [](DType dtype) {
    const Quantiser q = Quantiser::make({dtype, Quant::per_tensor(1.0f)}, QuantRule::mge);
    return std::pair{q(-3e9f), q(3e9f)};
  };
  EXPECT_EQ(both(DType::s4), std::pair(-8, 7));
  EXPECT_EQ(both(DType::u4), std::pair(0, 15));
  EXPECT_EQ(both(DType::s8), std::pair(-128, 127));
  EXPECT_EQ(both(DType::u8), std::pair(0, 255));
  EXPECT_EQ(both(DType::s32), std::pair(std::numeric_limits<std::int32_t>::min(), 2147483520));
}

TEST(Epilogue, TiesGoAwayFromZeroByTheMgeRulesAndToEvenByOnnx) {
  for (const EpilogueRule rule : {EpilogueRule::mge_dense, EpilogueRule::mge_packed,
                                  EpilogueRule::mge_ratio, EpilogueRule::mge_naive}) {
    EXPECT_EQ(apply_once(rule, s8(2.0f), 1.0f, 5), 3.0f) << to_string(rule);
    EXPECT_EQ(apply_once(rule, s8(2.0f), 1.0f, -5), -3.0f) << to_string(rule);
    EXPECT_EQ(apply_once(rule, s8(2.0f), 1.0f, 1000), 127.0f) << to_string(rule);
    EXPECT_EQ(apply_once(rule, s8(2.0f), 1.0f, -1000), -128.0f) << to_string(rule);
  }
  EXPECT_EQ(apply_once(EpilogueRule::onnx, s8(2.0f), 1.0f, 5), 2.0f);
  EXPECT_EQ(apply_once(EpilogueRule::onnx, s8(2.0f), 1.0f, -5), -2.0f);
  EXPECT_EQ(apply_once(EpilogueRule::onnx, s8(2.0f, 10), 1.0f, 5), 12.0f);
}

// The rules round in different places; each is compared with its formula, written out.
TEST(Epilogue, EachRuleIsItsFormula) {
  const float s_x = 0.0173f, s_w = 0.0291f, s_y = 0.1137f;
  const float s_b = s_x * s_w;
  bool dense_differs = false, ratio_differs = false, naive_differs = false;
  for (std::int32_t acc = -40000; acc < 40000; acc += 7) {
    const std::int32_t b = acc / 3 - 17;
    const Tensor bias = tensor<std::int32_t>({1}, {b}, Quant::per_tensor(s_b));
    const ConstView view(bias);
    const auto by = [&](EpilogueRule rule, const OutputSpec& output) {
      const Epilogue e = make_epilogue(rule, {}, output, 1, Quant::per_tensor(s_x),
                                       Quant::per_tensor(s_w), &view, {});
      return apply(e, acc, 0, 0);
    };
    const OutputSpec f32{};
    const float split = static_cast<float>(acc) * s_b + static_cast<float>(b) * s_b;
    const float joint = static_cast<float>(acc + b) * s_b;
    EXPECT_EQ(by(EpilogueRule::mge_dense, f32), split);
    EXPECT_EQ(by(EpilogueRule::mge_packed, f32), joint);
    EXPECT_EQ(by(EpilogueRule::onnx, f32), joint);
    const auto clamp = [](float v) { return std::min(std::max(v, -128.0f), 127.0f); };
    EXPECT_EQ(by(EpilogueRule::mge_dense, s8(s_y)), clamp(round_half_away(split * (1.0f / s_y))));
    EXPECT_EQ(by(EpilogueRule::mge_packed, s8(s_y)), clamp(round_half_away(joint * (1.0f / s_y))));
    EXPECT_EQ(by(EpilogueRule::mge_naive, s8(s_y)), clamp(std::round(joint / s_y)));
    const float ratio = static_cast<float>(acc + b) * (s_b / s_y);
    EXPECT_EQ(by(EpilogueRule::mge_ratio, s8(s_y)), clamp(round_half_away(ratio)));
    EXPECT_EQ(by(EpilogueRule::onnx, s8(s_y, 3)), clamp(std::nearbyint(ratio) + 3.0f));
    dense_differs |= split != joint;
    ratio_differs |= joint * (1.0f / s_y) != ratio;
    naive_differs |= joint * (1.0f / s_y) != joint / s_y;
  }
  EXPECT_TRUE(dense_differs && ratio_differs && naive_differs)
      << "the values do not tell the rules apart";
}

TEST(Epilogue, TheMgeRulesTakeTheBiasScaleForTheSumAsWell) {
  const Tensor bias = tensor<std::int32_t>({1}, {0}, Quant::per_tensor(0.5000004f));
  EXPECT_EQ(apply_once(EpilogueRule::mge_dense, {}, 0.5f, 3, &bias), 3.0f * 0.5000004f);
  EXPECT_EQ(apply_once(EpilogueRule::onnx, {}, 0.5f, 3, &bias), 1.5f);
}

TEST(Epilogue, SumsWrapInsteadOfOverflowing) {
  const Tensor bias = tensor<std::int32_t>({1}, {std::numeric_limits<std::int32_t>::max()});
  EXPECT_EQ(apply_once(EpilogueRule::onnx, {}, 1.0f, 2, &bias), -2147483648.0f + 1.0f);
}

TEST(Epilogue, ActivationsActOnRealNumbers) {
  const auto f32 = [](Activation activation, std::int32_t acc) {
    return apply_once(EpilogueRule::mge_dense, {}, 0.25f, acc, nullptr, activation);
  };
  EXPECT_EQ(f32({ActivationKind::relu}, -4), 0.0f);
  EXPECT_EQ(f32({ActivationKind::relu}, 4), 1.0f);
  EXPECT_EQ(f32({ActivationKind::clip, -0.5f, 6.0f}, -4), -0.5f);
  EXPECT_EQ(f32({ActivationKind::clip, -0.5f, 6.0f}, 40), 6.0f);
  EXPECT_EQ(f32({ActivationKind::leaky_relu, 0.1f}, -4), -1.0f * 0.1f);
  EXPECT_EQ(f32({ActivationKind::h_swish}, 4), 1.0f * 4.0f * (1.0f / 6.0f));
  EXPECT_EQ(f32({ActivationKind::h_swish}, -16), 0.0f);
  EXPECT_NEAR(f32({ActivationKind::sigmoid}, 4), 0.7310586f, 1e-6f);
  EXPECT_NEAR(f32({ActivationKind::silu}, 4), 0.7310586f, 1e-6f);
  EXPECT_NEAR(f32({ActivationKind::tanh}, 4), 0.7615942f, 1e-6f);
}

TEST(Epilogue, HSwishMultipliesByOneSixthLast) {
  const Activation h_swish{ActivationKind::h_swish};
  bool order_matters = false;
  for (int i = 1; i < 100; ++i) {
    const float v = 0.0137f * static_cast<float>(i);
    EXPECT_EQ(activate(h_swish, v), (v * (v + 3.0f)) * (1.0f / 6.0f));
    const float divided = (v * (v + 3.0f)) / 6.0f;
    order_matters |= divided != activate(h_swish, v);
  }
  EXPECT_TRUE(order_matters);
}

TEST(Epilogue, AClipInStepsOfTheOutputEqualsClippingItsIntegers) {
  const Activation clip{ActivationKind::clip, 0.0f, 6.0f};
  const OutputSpec u8{DType::u8, Quant::per_tensor(0.05f, 7)};
  const auto quantise = Quantiser::make(u8, QuantRule::onnx);
  for (std::int32_t acc = -200; acc < 200; ++acc) {
    const float plain = apply_once(EpilogueRule::onnx, u8, 0.049f, acc);
    const float clipped = apply_once(EpilogueRule::onnx, u8, 0.049f, acc, nullptr, clip);
    EXPECT_EQ(clipped, std::min(std::max(plain, static_cast<float>(quantise(0.0f))),
                                static_cast<float>(quantise(6.0f))));
  }
}

TEST(Epilogue, RowsGiveTheElementsOfApply) {
  Conv2d op;
  op.output = s8(0.3f);
  const Quant z = Quant::per_tensor(0.2f, 3);
  const Epilogue e =
      make_epilogue(op, 2, Quant::per_tensor(0.1f), Quant::per_tensor(0.5f), nullptr, &z, {});
  const std::vector<std::int32_t> sums{-90, 5, 31, 400};
  const std::vector<std::uint8_t> residual{0, 3, 200, 255};
  std::vector<std::int8_t> out(4);
  apply_row(e, 1, sums, DType::u8, reinterpret_cast<const std::byte*>(residual.data()), DType::s8,
            reinterpret_cast<std::byte*>(out.data()));
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(static_cast<float>(out[i]), apply(e, sums[i], 1, residual[i]));
}

TEST(Epilogue, RefusesOutputsAndActivationsWithoutMeaning) {
  using testing::expect_refusal;
  const auto checking = [](EpilogueRule rule, Activation activation, OutputSpec output) {
    return [=] { check_epilogue(rule, activation, output); };
  };
  const Activation h_swish{ActivationKind::h_swish};
  const EpilogueRule dense = EpilogueRule::mge_dense;
  expect_refusal(StatusCode::invalid_model, "needs a scale", checking(dense, {}, {DType::s8, {}}));
  expect_refusal(StatusCode::invalid_model, "f32 output has a scale",
                 checking(dense, {}, {DType::f32, Quant{}}));
  expect_refusal(StatusCode::unsupported, "output of type s16",
                 checking(dense, {}, {DType::s16, Quant{}}));
  expect_refusal(StatusCode::invalid_model, "stay s32", checking(dense, h_swish, {DType::s32, {}}));
  expect_refusal(StatusCode::unsupported, "h_swish inside the rule onnx",
                 checking(EpilogueRule::onnx, h_swish, s8(1.0f)));
  expect_refusal(StatusCode::invalid_model, "the scale 0", checking(dense, {}, s8(0.0f)));
  expect_refusal(StatusCode::invalid_model, "zero point 128", checking(dense, {}, s8(1.0f, 128)));
  EXPECT_NO_THROW(check_epilogue(dense, h_swish, s8(1.0f)));
  EXPECT_NO_THROW(check_epilogue(EpilogueRule::onnx, {}, {DType::s32, {}}));
}

}  // namespace
}  // namespace octet
