#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/convert.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::run;
using testing::tensor;
using testing::values;

Quant q(float scale, std::int32_t zero_point = 0) { return Quant::per_tensor(scale, zero_point); }

Convert to(DType dtype, std::optional<Quant> quant, QuantRule rule = QuantRule::mge) {
  Convert op;
  op.output = {dtype, std::move(quant)};
  op.rule = rule;
  return op;
}

template <typename Y, typename X>
std::vector<Y> converted(const Convert& op, const std::vector<X>& x,
                         std::optional<Quant> quant = std::nullopt) {
  const Shape shape{static_cast<std::int64_t>(x.size())};
  return values<Y>(run(op, {tensor<X>(shape, x, std::move(quant))})[0]);
}

using S8 = std::vector<std::int8_t>;
using U8 = std::vector<std::uint8_t>;
using S32 = std::vector<std::int32_t>;
using F32 = std::vector<float>;

TEST(Convert, QuantisesFloatsByEitherRule) {
  const F32 x{2.5f, -2.5f, 3.5f, 0.49999997f, 300.0f, -300.0f, NAN};
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(1.0f)), x), (S8{3, -3, 4, 1, 127, -128, -128}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(1.0f), QuantRule::onnx), x),
            (S8{2, -2, 4, 0, 127, -128, -128}));
  EXPECT_EQ(converted<std::uint8_t>(to(DType::u8, q(1.0f, 131)), F32{-0.5f, 0.5f, 200.0f}),
            (U8{130, 132, 255}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s4, q(1.0f)), F32{-9.0f, 2.5f, 9.0f}), (S8{-8, 3, 7}));
  EXPECT_EQ(converted<std::int32_t>(to(DType::s32, q(0.5f)), F32{1e10f, -1e10f, 0.75f}),
            (S32{2147483520, std::numeric_limits<std::int32_t>::min(), 2}));
}

TEST(Convert, QuantisesPlainIntegersAsTheRealValuesTheyAre) {
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(2.0f)), U8{0, 5, 200, 255}),
            (S8{0, 3, 100, 127}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(2.0f)), S8{-5, 5, -128}), (S8{-3, 3, -64}));
}

TEST(Convert, DequantisesInBinary32) {
  EXPECT_EQ(converted<float>(to(DType::f32, {}), S8{-3, 7}, q(0.1f, 2)),
            (F32{-5.0f * 0.1f, 5.0f * 0.1f}));
  // A sum is rounded to binary32 before it is scaled.
  EXPECT_EQ(converted<float>(to(DType::f32, {}), S32{16777217, -5}, q(0.3f)),
            (F32{16777216.0f * 0.3f, -5.0f * 0.3f}));
}

TEST(Convert, RequantisesByTheRatioOrThroughRealNumbers) {
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(2.0f)), S8{5, -5, 6}, q(1.0f)), (S8{3, -3, 3}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(2.0f)), S32{5, -5, 1000}, q(1.0f)),
            (S8{3, -3, 127}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(2.0f), QuantRule::onnx), S8{5, -5, 7}, q(1.0f)),
            (S8{2, -2, 4}));
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(0.5f)), U8{131, 133, 0}, q(1.0f, 131)),
            (S8{0, 4, -128}));

  // Odd sums are ties by the ratio 1/2, and often are not as products with both scales.
  const float s_in = 0.0137f, s_out = 0.0274f;
  S32 sums;
  for (std::int32_t v = -20000; v < 20000; ++v) sums.push_back(v);
  const S32 got = converted<std::int32_t>(to(DType::s32, q(s_out)), sums, q(s_in));
  const auto round = [](float v) { return std::trunc(v + (v >= 0.0f ? 0.5f : -0.5f)); };
  bool ratio_differs = false;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const float v = static_cast<float>(sums[i]);
    const float expected = round(v * (s_in / s_out));
    ASSERT_EQ(static_cast<float>(got[i]), expected);
    ratio_differs |= round(v * s_in * (1.0f / s_out)) != expected;
  }
  EXPECT_TRUE(ratio_differs) << "the values do not tell the formulas apart";
}

TEST(Convert, GivesPlainIntegersTheTruncatedRealValue) {
  EXPECT_EQ(converted<std::int32_t>(to(DType::s32, {}), S8{-3, 3, 100}, q(0.9f)), (S32{-2, 2, 90}));
  EXPECT_EQ(converted<std::uint8_t>(to(DType::u8, {}), S8{-3, 100}, q(9.0f)), (U8{229, 132}));
}

TEST(Convert, ScalesFollowTheirAxis) {
  Quant rows;
  rows.scales = {1.0f, 2.0f};
  rows.zero_points = {0, 1};
  rows.axis = 0;
  const Tensor x = tensor<float>({2, 2}, {1, 2, 3, 5});
  const Tensor y = run(to(DType::s8, rows), {x})[0];
  EXPECT_EQ(values<std::int8_t>(y), (S8{1, 2, 3, 4}));  // 1.5 and 2.5 go away from zero
  EXPECT_EQ(values<float>(run(to(DType::f32, {}), {y})[0]), (F32{1, 2, 4, 6}));
  Quant columns = rows;
  columns.axis = 1;
  const Tensor z = run(to(DType::s8, columns), {x})[0];
  EXPECT_EQ(values<std::int8_t>(z), (S8{1, 2, 3, 4}));
  EXPECT_EQ(values<float>(run(to(DType::f32, {}), {z})[0]), (F32{1, 2, 3, 6}));
}

TEST(Convert, LongValuesAreConvertedToTheirEnd) {
  const F32 x(1000, 7.0f);
  EXPECT_EQ(converted<std::int8_t>(to(DType::s8, q(1.0f)), x), S8(1000, 7));
}

TEST(Convert, Refusals) {
  Quant rows = q(1.0f);
  rows.scales = {1.0f, 2.0f};
  rows.axis = 0;
  Quant columns = rows;
  columns.axis = 1;
  const Tensor f32 = tensor<float>({2, 2}, {1, 2, 3, 4});
  const Tensor s8 = tensor<std::int8_t>({2, 2}, {1, 2, 3, 4}, rows);
  const auto op = [](DType dtype, std::optional<Quant> quant) {
    return make_op<Convert>(to(dtype, std::move(quant)));
  };
  expect_refusals({
      {op(DType::s8, {}), {f32}, StatusCode::invalid_model, "this is a cast"},
      {op(DType::s8, q(1.0f)), {}, StatusCode::invalid_model, "0 inputs"},
      {op(DType::s8, q(-1.0f)), {f32}, StatusCode::invalid_model, "the scale -1"},
      {op(DType::s8, q(1.0f, 1000)), {f32}, StatusCode::invalid_model, "zero point 1000"},
      {op(DType::f32, q(1.0f)), {f32}, StatusCode::unsupported, "converting to f32"},
      {op(DType::s64, q(1.0f)), {f32}, StatusCode::unsupported, "converting to s64"},
      {op(DType::boolean, {}), {s8}, StatusCode::unsupported, "to boolean"},
      {op(DType::s8, columns), {s8}, StatusCode::unsupported, "along axis 0 cannot become"},
  });
}

TEST(SetQuant, ChangesTheMeaningAndNotTheBytes) {
  SetQuant op;
  op.quant = q(0.25f, 3);
  const Tensor x = tensor<std::int8_t>({3}, {-128, 0, 127}, q(1.0f));
  const Tensor y = run(op, {x})[0];
  EXPECT_EQ(y.type().quant, op.quant);
  EXPECT_EQ(values<std::int8_t>(y), values<std::int8_t>(x));
  EXPECT_FALSE(run(SetQuant{}, {x})[0].type().quant.has_value());
  SetQuant axis;
  axis.quant = q(1.0f);
  axis.quant->scales = {1.0f, 2.0f};
  axis.quant->axis = 0;
  expect_refusals({
      {make_op<SetQuant>(op), {tensor<float>({1}, {1})}, StatusCode::invalid_model, "f32 cannot"},
      {make_op<SetQuant>(axis), {x}, StatusCode::invalid_model, "2 scales stand along axis 0"},
  });
}

}  // namespace
}  // namespace octet
