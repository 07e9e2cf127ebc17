#include <gtest/gtest.h>

#include <limits>

#include "base/limits.hpp"
#include "ops/op_harness.hpp"
#include "ops/pool.hpp"

namespace octet {
namespace {

using testing::expect_refusals;
using testing::ints;
using testing::run;
using testing::tensor;
using testing::values;

const Quant kUnit = Quant::per_tensor(1.0f);
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Pool2d pool(PoolMode mode, std::int64_t kernel, std::int64_t stride = 1, std::int64_t pad = 0) {
  Pool2d op;
  op.mode = mode;
  op.kernel = {kernel, kernel};
  op.window.stride = {stride, stride};
  op.window.pad = {pad, pad, pad, pad};
  return op;
}

std::vector<std::int8_t> pooled(const Pool2d& op, const Shape& shape,
                                const std::vector<std::int8_t>& x, Quant quant = kUnit) {
  return values<std::int8_t>(run(op, {tensor<std::int8_t>(shape, x, std::move(quant))})[0]);
}

TEST(Pool2d, PaddingNeverWinsAMaximum) {
  const Pool2d op = pool(PoolMode::max, 3, 2, 1);
  EXPECT_EQ(pooled(op, {1, 1, 2, 3}, {-7, -3, -5, -4, -9, -2}), (std::vector<std::int8_t>{-3, -2}));
  EXPECT_EQ(values<float>(run(op, {tensor<float>({1, 1, 1, 1}, {-1e30f})})[0]),
            std::vector<float>{-1e30f});
}

TEST(Pool2d, IntegerAveragesRoundHalfAwayFromZero) {
  const Pool2d op = pool(PoolMode::average_exclude_padding, 2, 2);
  EXPECT_EQ(pooled(op, {1, 1, 2, 8}, {1, 2, -1, -2, 3, 3, 127, 127, 1, 2, -1, -2, 2, 2, 127, 127}),
            (std::vector<std::int8_t>{2, -2, 3, 127}));
  EXPECT_EQ(pooled(op, {1, 1, 2, 2}, {1, 0, 0, 0}), std::vector<std::int8_t>{0});  // 0.25
}

TEST(Pool2d, PaddingCountsAsZeroOrNotAtAll) {
  const std::vector<std::int8_t> x{9, 9, 9, 9};
  // Every window of 2 x 2 at a corner sees one 9 and three zeros.
  EXPECT_EQ(pooled(pool(PoolMode::average, 2, 2, 1), {1, 1, 2, 2}, x),
            (std::vector<std::int8_t>{2, 2, 2, 2}));
  EXPECT_EQ(pooled(pool(PoolMode::average_exclude_padding, 2, 2, 1), {1, 1, 2, 2}, x), x);
  // With a zero point padding is the zero point: (9 + 3 * 5) / 4 = 6.
  EXPECT_EQ(pooled(pool(PoolMode::average, 2, 2, 1), {1, 1, 2, 2}, x, Quant::per_tensor(1, 5)),
            (std::vector<std::int8_t>{6, 6, 6, 6}));
}

TEST(Pool2d, OnnxAveragesRealNumbersAndRequantises) {
  Pool2d op = pool(PoolMode::average_exclude_padding, 2, 2);
  op.rule = QuantRule::onnx;
  op.output = OutputSpec{DType::s8, Quant::per_tensor(0.5f, 1)};
  const Tensor x =
      tensor<std::int8_t>({1, 1, 2, 4}, {3, 4, -3, -4, 3, 4, -3, -4}, Quant::per_tensor(1.0f, 2));
  // Means 1.5 and -5.5 in steps of 0.5, plus 1.
  EXPECT_EQ(values<std::int8_t>(run(op, {x})[0]), (std::vector<std::int8_t>{4, -10}));
  op.output.reset();  // the input's scale: 1.5 and -5.5 go to even, plus 2
  EXPECT_EQ(values<std::int8_t>(run(op, {x})[0]), (std::vector<std::int8_t>{4, -4}));
  op.mode = PoolMode::max;
  op.output = OutputSpec{DType::s8, Quant::per_tensor(0.5f)};
  EXPECT_EQ(values<std::int8_t>(run(op, {x})[0]), (std::vector<std::int8_t>{4, -10}));
}

TEST(Pool2d, CeilModeAddsAWindowThatBeginsInside) {
  Pool2d op = pool(PoolMode::average, 2, 2);
  const std::vector<std::int8_t> x{2, 4, 6, 8, 10, 12, 14, 16, 18};
  EXPECT_EQ(pooled(op, {1, 1, 3, 3}, x), std::vector<std::int8_t>{6});
  op.ceil_mode = true;
  EXPECT_EQ(pooled(op, {1, 1, 3, 3}, x), (std::vector<std::int8_t>{6, 9, 15, 18}));
  // The window that would begin behind the padding is dropped.
  op = pool(PoolMode::max, 1, 2);
  op.ceil_mode = true;
  EXPECT_EQ(pooled(op, {1, 1, 2, 2}, {1, 2, 3, 4}), std::vector<std::int8_t>{1});
}

TEST(Pool2d, DilationSkipsTaps) {
  Pool2d op = pool(PoolMode::max, 2);
  op.window.dilation = {2, 2};
  EXPECT_EQ(pooled(op, {1, 1, 3, 3}, {1, 99, 2, 99, 99, 99, 3, 99, 4}),
            std::vector<std::int8_t>{4});
  // Where no tap meets the image an average is zero.
  op.mode = PoolMode::average_exclude_padding;
  op.window.dilation = {5, 1};
  op.window.pad = {2, 0, 3, 0};
  EXPECT_EQ(pooled(op, {1, 1, 1, 2}, {8, 8}, Quant::per_tensor(1, 3)), std::vector<std::int8_t>{3});
}

TEST(Pool2d, GlobalCoversTheMap) {
  Pool2d op;
  op.mode = PoolMode::average;
  op.global = true;
  op.kernel = {0, -5};  // without meaning here
  const auto y = run(op, {tensor<float>({1, 2, 1, 3}, {1, 2, 3, 4, 5, 9})})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 2, 1, 1}));
  EXPECT_EQ(values<float>(y), (std::vector<float>{2.0f, 6.0f}));
}

TEST(Pool2d, Refusals) {
  const auto changed = [](auto change) {
    Pool2d op = pool(PoolMode::max, 2);
    change(op);
    return make_op<Pool2d>(op);
  };
  const auto plain = changed([](Pool2d&) {});
  const Tensor x = testing::counting<std::int8_t>({1, 1, 4, 4}, kUnit);
  Quant per_channel = kUnit;
  per_channel.axis = 1;
  per_channel.scales = {1.0f, 2.0f};
  expect_refusals({
      {plain,
       {testing::counting<std::int8_t>({4, 4}, kUnit)},
       StatusCode::invalid_model,
       "{N,C,H,W}"},
      {plain,
       {testing::counting<std::int64_t>({1, 1, 4, 4})},
       StatusCode::unsupported,
       "pooling of s64"},
      {plain,
       {testing::counting<std::int8_t>({1, 1, 1, 4}, kUnit)},
       StatusCode::invalid_model,
       "does not fit into 1"},
      {plain, {x, x}, StatusCode::invalid_model, "2 inputs"},
      {changed([](Pool2d& op) {
         op.kernel = {0, 2};
       }),
       {x},
       StatusCode::invalid_model,
       "kernel extent 0"},
      {changed([](Pool2d& op) {
         op.kernel = {kMost, 2};
       }),
       {x},
       StatusCode::invalid_model,
       "kernel extent 9223372036854775807"},
      {changed([](Pool2d& op) {
         op.window.stride = {0, 0};
       }),
       {x},
       StatusCode::invalid_model,
       "stride 0"},
      {changed([](Pool2d& op) {
         op.window.dilation = {0, 0};
       }),
       {x},
       StatusCode::invalid_model,
       "dilation 0"},
      {changed([](Pool2d& op) {
         op.window.pad = {2, 0, 0, 0};
       }),
       {x},
       StatusCode::unsupported,
       "padding of 2 and 0"},
      {changed([](Pool2d& op) {
         op.window.pad = {0, 0, 0, limits::kExtent};
       }),
       {x},
       StatusCode::unsupported,
       "padding of 0 and 2147483647"},
      {changed([](Pool2d& op) {
         op.output = OutputSpec{DType::s8, Quant::per_tensor(2.0f)};
       }),
       {x},
       StatusCode::unsupported,
       "keeps its input's scale"},
      {changed([](Pool2d& op) {
         op.output = OutputSpec{DType::f32, {}};
       }),
       {x},
       StatusCode::unsupported,
       "to f32 is not supported"},
      {changed([](Pool2d& op) { op.mode = PoolMode::average; }),
       {testing::counting<std::int8_t>({1, 2, 4, 4}, per_channel)},
       StatusCode::unsupported,
       "scale per channel"},
      {changed([](Pool2d& op) { op.mode = PoolMode::average, op.rule = QuantRule::onnx; }),
       {testing::counting<std::int8_t>({1, 2, 4, 4})},
       StatusCode::unsupported,
       "plain integers"},
  });
}

// stride = floor(in / out), kernel = in - (out - 1) * stride.
TEST(AdaptivePool2d, UsesOneWindowForAllPositions) {
  const auto op = make_op<AdaptivePool2d>();
  const Tensor x = testing::counting<float>({1, 1, 1, 7});
  const auto y = run(*op, {x, ints({1, 3})})[0];
  EXPECT_EQ(values<float>(y), (std::vector<float>{1.0f, 3.0f, 5.0f}));  // of 3, stride 2
  const Tensor q = tensor<std::int8_t>({1, 1, 2, 2}, {1, 2, 2, 1}, kUnit);
  EXPECT_EQ(values<std::int8_t>(run(*op, {q, ints({1, 1})})[0]), std::vector<std::int8_t>{2});
}

TEST(AdaptivePool2d, Refusals) {
  const auto op = make_op<AdaptivePool2d>();
  const Tensor x = testing::counting<float>({1, 1, 3, 7});
  expect_refusals({
      {op, {x}, StatusCode::invalid_model, "1 input"},
      {op, {x, ints({1, 3})}, StatusCode::unsupported, "\"target\" is not known", {1}},
      {op, {x, ints({1})}, StatusCode::invalid_model, "has 1 elements"},
      {op, {x, ints({0, 3})}, StatusCode::invalid_model, "from 3 x 7 to 0 x 3"},
      {op, {x, ints({1, 8})}, StatusCode::invalid_model, "from 3 x 7 to 1 x 8"},
      {op, {x, ints({-1, kMost})}, StatusCode::invalid_model, "is not possible"},
      {op,
       {testing::counting<float>({3, 7}), ints({1, 1})},
       StatusCode::invalid_model,
       "{N,C,H,W}"},
  });
}

}  // namespace
}  // namespace octet
