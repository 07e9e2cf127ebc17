#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/convert.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using testing::run;
using testing::tensor;
using testing::values;

template <typename Y, typename X>
std::vector<Y> cast(DType dtype, const std::vector<X>& x) {
  Cast op;
  op.dtype = dtype;
  return values<Y>(run(op, {tensor<X>({static_cast<std::int64_t>(x.size())}, x)})[0]);
}

// What MegEngine and ONNX Runtime give on x86.
TEST(Cast, FloatsAreTruncatedByWayOfWiderIntegers) {
  const std::vector<float> x{1.9f, -1.9f, 300.7f, -70000.9f, 3e9f, -INFINITY, NAN};
  EXPECT_EQ(cast<std::int8_t>(DType::s8, x), (std::vector<std::int8_t>{1, -1, 44, -112, 0, 0, 0}));
  EXPECT_EQ(cast<std::uint8_t>(DType::u8, x),
            (std::vector<std::uint8_t>{1, 255, 44, 144, 0, 0, 0}));
  EXPECT_EQ(cast<std::int16_t>(DType::s16, x),
            (std::vector<std::int16_t>{1, -1, 300, -4464, 0, 0, 0}));
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(cast<std::int32_t>(DType::s32, x),
            (std::vector<std::int32_t>{1, -1, 300, -70000, kLowest, kLowest, kLowest}));
  EXPECT_EQ(cast<std::int32_t>(DType::s32, std::vector<double>{2147483647.9, -2147483648.9}),
            (std::vector<std::int32_t>{2147483647, kLowest}));
  constexpr std::int64_t kLongLowest = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(cast<std::int64_t>(DType::s64, x),
            (std::vector<std::int64_t>{1, -1, 300, -70000, 3000000000, kLongLowest, kLongLowest}));
}

TEST(Cast, IntegersKeepTheirLowBits) {
  EXPECT_EQ(cast<std::int8_t>(DType::s8, std::vector<std::int32_t>{300, -129, 127}),
            (std::vector<std::int8_t>{44, 127, 127}));
  EXPECT_EQ(cast<std::uint8_t>(DType::u8, std::vector<std::int64_t>{-1, 256}),
            (std::vector<std::uint8_t>{255, 0}));
  EXPECT_EQ(cast<std::int8_t>(DType::s4, std::vector<std::int32_t>{7, 8, -9, 31}),
            (std::vector<std::int8_t>{7, -8, 7, -1}));
  EXPECT_EQ(cast<std::uint8_t>(DType::u4, std::vector<std::int32_t>{-1, 17}),
            (std::vector<std::uint8_t>{15, 1}));
  // No detour through a float.
  EXPECT_EQ(cast<std::int64_t>(DType::s64, std::vector<std::int64_t>{9007199254740993}),
            (std::vector<std::int64_t>{9007199254740993}));
}

TEST(Cast, BooleansAreWhetherANumberIsNotZero) {
  EXPECT_EQ(cast<std::uint8_t>(DType::boolean, std::vector<float>{0.0f, -0.0f, 0.5f, NAN}),
            (std::vector<std::uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(cast<std::uint8_t>(DType::boolean, std::vector<std::int32_t>{0, 256, -1}),
            (std::vector<std::uint8_t>{0, 1, 1}));
}

TEST(Cast, NarrowFloatsRoundToEven) {
  const std::vector<float> x{1.0f, 65504.0f, 65520.0f, 1.0f + 0x1p-11f, -2.0f};
  const std::vector<std::int16_t> half = cast<std::int16_t>(DType::f16, x);
  EXPECT_EQ(half, (std::vector<std::int16_t>{0x3c00, 0x7bff, 0x7c00, 0x3c00,
                                             static_cast<std::int16_t>(0xc000 - 0x10000)}));
  Cast narrow, wide;
  narrow.dtype = DType::bf16;
  const Tensor y = run(narrow, {tensor<float>({2}, {3.0f, 1.0f + 0x1p-8f})})[0];
  EXPECT_EQ(values<float>(run(wide, {y})[0]), (std::vector<float>{3.0f, 1.0f}));
}

TEST(Cast, RefusesQuantisedNumbers) {
  const Tensor x = tensor<std::int8_t>({1}, {1}, Quant::per_tensor(1.0f));
  testing::expect_refusals({{make_op<Cast>(),
                             {x},
                             StatusCode::invalid_model,
                             "whose real value only a conversion keeps"}});
}

TEST(QuantizeByInput, RoundsToEvenAndSaturates) {
  QuantizeByInput op;
  const Tensor x = tensor<float>({4}, {1.0f, 3.0f, 1000.0f, -4.0f});
  const Tensor scale = tensor<float>({}, {2.0f});
  EXPECT_EQ(values<std::uint8_t>(run(op, {x, scale})[0]),
            (std::vector<std::uint8_t>{0, 2, 255, 0}));
  const Tensor zero = tensor<std::int8_t>({}, {-100});
  EXPECT_EQ(values<std::int8_t>(run(op, {x, scale, zero})[0]),
            (std::vector<std::int8_t>{-100, -98, 127, -102}));
  // A scale of zero is the file's problem, not a crash.
  EXPECT_EQ(values<std::uint8_t>(run(op, {x, tensor<float>({}, {0.0f})})[0]),
            (std::vector<std::uint8_t>{255, 255, 255, 0}));
}

TEST(QuantizeByInput, FollowsItsAxisBothWays) {
  QuantizeByInput op;
  op.axis = -2;
  const Tensor x = tensor<float>({1, 2, 2}, {2, 4, 9, 6});
  const Tensor scale = tensor<float>({2}, {2.0f, 3.0f});
  const Tensor zero = tensor<std::uint8_t>({2}, {10, 20});
  const Tensor y = run(op, {x, scale, zero})[0];
  EXPECT_EQ(values<std::uint8_t>(y), (std::vector<std::uint8_t>{11, 12, 23, 22}));
  op.dequantize = true;
  EXPECT_EQ(values<float>(run(op, {y, scale, zero})[0]), values<float>(x));
}

TEST(QuantizeByInput, Refusals) {
  QuantizeByInput forward, back;
  back.dequantize = true;
  QuantizeByInput odd_axis;
  odd_axis.axis = 9;
  QuantizeByInput wide;
  wide.dtype = DType::s32;
  const auto q = make_op<QuantizeByInput>(forward), dq = make_op<QuantizeByInput>(back);
  const Tensor x = testing::counting<float>({2, 3});
  const Tensor one = tensor<float>({}, {1.0f}), two = tensor<float>({2}, {1.0f, 2.0f});
  const StatusCode bad = StatusCode::invalid_model;
  testing::expect_refusals({
      {q, {x}, bad, "1 input"},
      {q, {x, tensor<double>({}, {1.0})}, bad, "the scale is f64"},
      {q, {x, two}, bad, "do not fit axis 1"},
      {make_op<QuantizeByInput>(odd_axis), {x, two}, bad, "axis 9"},
      {q, {x, one, tensor<std::uint8_t>({2}, {1, 2})}, bad, "zero points of shape {2}"},
      {q, {testing::counting<std::int32_t>({2}), one}, bad, "where f32 is expected"},
      {dq, {x, one}, StatusCode::unsupported, "quantised numbers of type f32"},
      {dq,
       {testing::counting<std::int8_t>({2}), one, tensor<std::uint8_t>({}, {1})},
       bad,
       "zero point is u8 where the input is s8"},
      {make_op<QuantizeByInput>(wide), {x, one}, StatusCode::unsupported, "type s32"},
  });
}

TEST(DynamicQuantize, SpreadsTheRangeOfXAndZero) {
  const auto y = run(DynamicQuantize{}, {tensor<float>({3}, {-1.0f, 0.0f, 1.55f})});
  const float scale = (1.55f + 1.0f) / 255.0f;
  EXPECT_EQ(values<float>(y[1])[0], scale);
  EXPECT_EQ(values<std::uint8_t>(y[2])[0], 100);
  EXPECT_EQ(values<std::uint8_t>(y[0]), (std::vector<std::uint8_t>{0, 100, 255}));
  // Positive numbers keep zero at 0; nothing but zeros has the scale 1.
  EXPECT_EQ(values<std::uint8_t>(run(DynamicQuantize{}, {tensor<float>({2}, {2.0f, 4.0f})})[2])[0],
            0);
  EXPECT_EQ(values<float>(run(DynamicQuantize{}, {tensor<float>({2}, {0.0f, 0.0f})})[1])[0], 1.0f);
}

}  // namespace
}  // namespace octet
