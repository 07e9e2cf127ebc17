#include "ops/reduce.hpp"

#include <cmath>
#include <limits>

#include "base/format.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr auto kBad = StatusCode::invalid_model;

OpPtr reduce(ReduceMode mode, std::vector<std::int64_t> axes = {}, bool keep_dims = true) {
  Reduce op;
  op.mode = mode;
  op.axes = std::move(axes);
  op.keep_dims = keep_dims;
  return make_op<Reduce>(op);
}

OpPtr reduce_to_shape(ReduceMode mode) {
  Reduce op;
  op.mode = mode;
  op.by_shape = true;
  return make_op<Reduce>(op);
}

struct ModeCase {
  ReduceMode mode;
  std::vector<float> floats;
  std::vector<std::int32_t> integers;
};

// Rows -5 -4 -3 -2, -1 0 1 2, 3 4 5 6; the expectations are those of ONNX Runtime.
TEST(Reduce, EveryModeOnFloatsAndIntegers) {
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  const std::vector<ModeCase> cases{
      {ReduceMode::sum, {-14, 2, 18}, {-14, 2, 18}},
      {ReduceMode::mean, {-3.5f, 0.5f, 4.5f}, {-3, 0, 4}},
      {ReduceMode::max, {-2, 2, 6}, {-2, 2, 6}},
      {ReduceMode::min, {-5, -1, 3}, {-5, -1, 3}},
      {ReduceMode::product, {120, 0, 360}, {120, 0, 360}},
      {ReduceMode::sum_square, {54, 6, 86}, {54, 6, 86}},
      {ReduceMode::l1, {14, 4, 18}, {14, 4, 18}},
      {ReduceMode::l2, {7.3484693f, 2.4494898f, 9.273619f}, {7, 2, 9}},
      {ReduceMode::log_sum, {kNan, 0.6931472f, 2.8903718f}, {kLowest, 0, 2}},
      {ReduceMode::log_sum_exp, {-1.5598103f, 2.4401896f, 6.44019f}, {-1, 2, 6}},
  };
  std::vector<float> floats;
  std::vector<std::int32_t> integers;
  for (int i = -5; i < 7; ++i) {
    floats.push_back(static_cast<float>(i));
    integers.push_back(i);
  }
  for (const ModeCase& c : cases) {
    SCOPED_TRACE(to_string(c.mode));
    const auto y = values<float>(run(*reduce(c.mode, {1}), {tensor<float>({3, 4}, floats)})[0]);
    for (std::size_t i = 0; i < 3; ++i) {
      if (std::isnan(c.floats[i])) EXPECT_TRUE(std::isnan(y[i]));
      else EXPECT_FLOAT_EQ(y[i], c.floats[i]);
    }
    const Tensor of_integers =
        run(*reduce(c.mode, {1}), {tensor<std::int32_t>({3, 4}, integers)})[0];
    EXPECT_EQ(values<std::int32_t>(of_integers), c.integers);
  }
}

struct AxesCase {
  std::vector<std::int64_t> axes;
  Shape shape;
  std::vector<float> sums;
};

TEST(Reduce, AxesInEveryPosition) {
  const Tensor x = counting<float>({2, 3, 2});
  for (const AxesCase& c : std::vector<AxesCase>{
           {{0}, {1, 3, 2}, {6, 8, 10, 12, 14, 16}},
           {{1}, {2, 1, 2}, {6, 9, 24, 27}},
           {{-1}, {2, 3, 1}, {1, 5, 9, 13, 17, 21}},
           {{0, 2}, {1, 3, 1}, {14, 22, 30}},
           {{2, 1}, {2, 1, 1}, {15, 51}},
           {{}, {1, 1, 1}, {66}},
       }) {
    SCOPED_TRACE(join(c.axes));
    const Tensor kept = run(*reduce(ReduceMode::sum, c.axes), {x})[0];
    EXPECT_EQ(kept.shape(), c.shape);
    EXPECT_EQ(values<float>(kept), c.sums);
    const Tensor dropped = run(*reduce(ReduceMode::sum, c.axes, false), {x})[0];
    EXPECT_EQ(dropped.shape().rank(), c.axes.empty() ? 0 : 3 - c.axes.size());
    EXPECT_EQ(values<float>(dropped), c.sums);
  }
}

TEST(Reduce, ToAShape) {
  const Tensor x = counting<float>({2, 3});
  const Tensor rows = run(*reduce_to_shape(ReduceMode::sum), {x, ints({1, 3})})[0];
  EXPECT_EQ(rows.shape(), (Shape{1, 3}));
  EXPECT_EQ(values<float>(rows), (std::vector<float>{3, 5, 7}));
  const Tensor all = run(*reduce_to_shape(ReduceMode::max), {x, ints({1})})[0];
  EXPECT_EQ(all.shape(), Shape{1});
  EXPECT_EQ(values<float>(all), std::vector<float>{5});
}

TEST(Reduce, QuantisedValuesKeepTheirScaleAndSaturate) {
  const Quant quant = Quant::per_tensor(0.5f);
  const Tensor x = tensor<std::int8_t>({2, 4}, {2, 4, 6, -9, 127, 54, 2, 1}, quant);
  const Tensor sum = run(*reduce(ReduceMode::sum, {1}), {x})[0];
  EXPECT_EQ(values<std::int8_t>(sum), (std::vector<std::int8_t>{3, 127}));
  EXPECT_EQ(sum.type().quant, quant);
  EXPECT_EQ(values<std::int8_t>(run(*reduce(ReduceMode::min, {1}), {x})[0]),
            (std::vector<std::int8_t>{-9, 1}));
  // (q - z) is summed: 1 - 2 + 3 = 2 above the zero point.
  const Tensor u = tensor<std::uint8_t>({3}, {101, 98, 103}, Quant::per_tensor(0.5f, 100));
  EXPECT_EQ(values<std::uint8_t>(run(*reduce(ReduceMode::sum), {u})[0])[0], 102);
}

TEST(Reduce, PlainIntegersWrapAndLongSumsStayAccurate) {
  const Tensor x = tensor<std::int32_t>({2}, {2147483647, 1});
  EXPECT_EQ(values<std::int32_t>(run(*reduce(ReduceMode::sum), {x})[0])[0], -2147483648);
  const Tensor y = tensor<float>({100000}, std::vector<float>(100000, 0.1f));
  EXPECT_EQ(values<float>(run(*reduce(ReduceMode::mean), {y})[0])[0], 0.1f);
}

TEST(Reduce, InfinitiesAndNan) {
  const Tensor x = tensor<float>({3, 2}, {-kInf, -kInf, kInf, 1, kNan, 1});
  const auto lse = values<float>(run(*reduce(ReduceMode::log_sum_exp, {1}), {x})[0]);
  EXPECT_EQ(lse[0], -kInf);
  EXPECT_EQ(lse[1], kInf);
  EXPECT_TRUE(std::isnan(lse[2]));
  EXPECT_TRUE(std::isnan(values<float>(run(*reduce(ReduceMode::max, {1}), {x})[0])[2]));
}

TEST(Reduce, ScalarsAndEmptyTensors) {
  EXPECT_EQ(values<float>(run(*reduce(ReduceMode::sum), {tensor<float>({}, {3})})[0])[0], 3);
  const Tensor empty = counting<float>({2, 0});
  EXPECT_EQ(values<float>(run(*reduce(ReduceMode::sum, {1}), {empty})[0]),
            (std::vector<float>{0, 0}));
  EXPECT_EQ(values<float>(run(*reduce(ReduceMode::product, {1}), {empty})[0]),
            (std::vector<float>{1, 1}));
  EXPECT_EQ(values<float>(run(*reduce(ReduceMode::mean, {1}), {empty})[0]),
            (std::vector<float>{0, 0}));
  EXPECT_EQ(run(*reduce(ReduceMode::max, {0}), {empty})[0].shape(), (Shape{1, 0}));
}

TEST(Reduce, Refusals) {
  const Tensor x = counting<float>({2, 3}), empty = counting<float>({2, 0});
  const Tensor q = tensor<std::int8_t>({2}, {1, 2}, Quant::per_tensor(0.5f));
  const Tensor flag = Tensor({DType::boolean, Shape{2}, kNCHW, std::nullopt});
  const auto to_shape = reduce_to_shape(ReduceMode::sum);
  expect_refusals({
      {reduce(ReduceMode::sum, {2}), {x}, kBad, "axis 2 is out of range"},
      {reduce(ReduceMode::sum, {-3}), {x}, kBad, "axis -3 is out of range"},
      {reduce(ReduceMode::sum, {std::numeric_limits<std::int64_t>::min()}), {x}, kBad, "range"},
      {reduce(ReduceMode::sum, {1, -1}), {x}, kBad, "twice"},
      {reduce(ReduceMode::max, {1}), {empty}, kBad, "max of no elements"},
      {reduce(ReduceMode::mean, {0}), {q}, StatusCode::unsupported, "mean over quantised"},
      {reduce(ReduceMode::sum, {0}), {flag}, kBad, "sum does not take boolean"},
      {to_shape, {x}, kBad, "1 inputs where it takes 2"},
      {to_shape, {x, ints({3, 3})}, kBad, "{2,3} cannot be reduced to {3,3}"},
      {to_shape, {x, ints({2})}, kBad, "cannot be reduced to {2}"},
      {to_shape, {x, ints({-1, 3})}, kBad, "-1"},
      {to_shape, {x, ints({1, 3})}, StatusCode::unsupported, "target shape", {1}},
  });
}

}  // namespace
}  // namespace octet
