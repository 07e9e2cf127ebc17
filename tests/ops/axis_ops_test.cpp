// Operators that work along one axis: softmax, running sums, arg-reduce, top-k.
#include <cmath>
#include <limits>

#include "ops/op_harness.hpp"
#include "ops/reduce.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr auto kBad = StatusCode::invalid_model;
using Indices = std::vector<std::int64_t>;
using Floats = std::vector<float>;

OpPtr softmax(std::int64_t axis, bool log = false, bool flatten_from = false) {
  Softmax op;
  op.axis = axis;
  op.log = log;
  op.flatten_from = flatten_from;
  return make_op<Softmax>(op);
}

TEST(Softmax, LinesSumToOneAlongTheAxis) {
  const Tensor x = counting<float>({2, 3, 4});
  for (const std::int64_t axis : {0, 1, 2, -2}) {
    const Tensor y = run(*softmax(axis), {x})[0];
    Reduce sum;
    sum.axes = {axis};
    for (const float total : values<float>(run(sum, {y})[0])) EXPECT_NEAR(total, 1.0f, 1e-6f);
  }
  const auto y = values<float>(run(*softmax(-1), {tensor<float>({2}, {1, 2})})[0]);
  EXPECT_FLOAT_EQ(y[0], 0.26894142f);
  const auto log = values<float>(run(*softmax(0, true), {tensor<float>({2}, {1000, 0})})[0]);
  EXPECT_EQ(log, (Floats{0, -1000}));
}

TEST(Softmax, FlattenedLinesSpanTheLaterAxes) {
  const Tensor x = counting<float>({2, 2, 3});
  const auto flat = values<float>(run(*softmax(1, false, true), {x})[0]);
  const auto expected = values<float>(
      run(*softmax(1), {tensor<float>({2, 6}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})})[0]);
  EXPECT_EQ(flat, expected);
}

TEST(Softmax, QuantisedInputAndOutput) {
  Softmax op;
  op.output = OutputSpec{DType::u8, Quant::per_tensor(1.0f / 256, 0)};
  const Tensor x = tensor<std::uint8_t>({1, 2}, {20, 10}, Quant::per_tensor(0.1f, 7));
  EXPECT_EQ(values<std::uint8_t>(run(op, {x})[0]), (std::vector<std::uint8_t>{187, 69}));
}

TEST(Softmax, NothingInNothingOut) {
  EXPECT_EQ(run(*softmax(1), {counting<float>({2, 0})})[0].shape(), (Shape{2, 0}));
}

TEST(Softmax, Refusals) {
  const Tensor q = tensor<std::int8_t>({2}, {1, 2}, Quant::per_tensor(0.5f));
  Softmax bad_scale;
  bad_scale.output = OutputSpec{DType::u8, Quant::per_tensor(0.0f)};
  expect_refusals({
      {softmax(2), {counting<float>({2, 3})}, kBad, "axis 2"},
      {softmax(0), {tensor<float>({}, {1})}, kBad, "rank 0"},
      {softmax(0), {counting<std::int32_t>({2})}, kBad, "softmax does not take s32{2}"},
      {softmax(0), {q}, kBad, "type of its output"},
      {make_op<Softmax>(bad_scale), {q}, kBad, "scale"},
  });
}

struct CumSumCase {
  bool exclusive, reverse;
  Indices expected;
};

TEST(CumSum, EveryDirection) {
  for (const CumSumCase& c :
       {CumSumCase{false, false, {1, 3, 6}}, CumSumCase{true, false, {0, 1, 3}},
        CumSumCase{false, true, {6, 5, 3}}, CumSumCase{true, true, {5, 3, 0}}}) {
    CumSum op;
    op.exclusive = c.exclusive;
    op.reverse = c.reverse;
    EXPECT_EQ(values<std::int64_t>(run(op, {ints({1, 2, 3}), number(-1)})[0]), c.expected);
  }
  const Tensor y = run(CumSum{}, {counting<float>({2, 3}), number(0)})[0];
  EXPECT_EQ(values<float>(y), (Floats{0, 1, 2, 3, 5, 7}));
}

TEST(CumSum, Refusals) {
  const Tensor q = tensor<std::int8_t>({2}, {1, 2}, Quant::per_tensor(0.5f));
  expect_refusals({
      {make_op<CumSum>(), {counting<float>({2}), number(1)}, kBad, "axis 1"},
      {make_op<CumSum>(), {counting<float>({2}), ints({0, 0})}, kBad, "one is expected"},
      {make_op<CumSum>(), {q, number(0)}, StatusCode::unsupported, "quantised"},
      {make_op<CumSum>(), {counting<float>({2}), number(0)}, StatusCode::unsupported, "axis", {1}},
  });
}

TEST(ArgReduce, TiesNanAndShapes) {
  const Tensor x = tensor<float>({4, 3}, {1, kNan, 3, kNan, 1, 2, 2, 2, 1, 1, 1, 1});
  ArgReduce op;
  op.axis = 1;
  const Tensor first = run(op, {x})[0];
  EXPECT_EQ(first.shape(), (Shape{4, 1}));
  EXPECT_EQ(values<std::int64_t>(first), (Indices{2, 0, 0, 0}));
  op.last = true;
  op.keep_dims = false;
  op.dtype = DType::s32;
  const Tensor last = run(op, {x})[0];
  EXPECT_EQ(last.shape(), Shape{4});
  EXPECT_EQ(values<std::int32_t>(last), (std::vector<std::int32_t>{2, 0, 1, 2}));
  op.largest = false;
  op.last = false;
  EXPECT_EQ(values<std::int32_t>(run(op, {x})[0]), (std::vector<std::int32_t>{0, 0, 2, 0}));
  op.axis = -2;
  EXPECT_EQ(values<std::int32_t>(run(op, {counting<std::uint8_t>({3, 2})})[0]),
            (std::vector<std::int32_t>{0, 0}));
}

TEST(ArgReduce, Refusals) {
  ArgReduce far, floats;
  far.axis = 5;
  floats.dtype = DType::f32;
  expect_refusals({
      {make_op<ArgReduce>(far), {counting<float>({2})}, kBad, "axis 5"},
      {make_op<ArgReduce>(), {counting<float>({0, 2})}, kBad, "no element can be chosen"},
      {make_op<ArgReduce>(floats), {counting<float>({2})}, StatusCode::unsupported, "type f32"},
  });
}

struct TopKCase {
  bool largest;
  Floats values_;
  Indices indices;
};

// The order of ONNX Runtime.
TEST(TopK, EqualElementsComeInTheirOrder) {
  const Tensor x = tensor<float>({6}, {3, kNan, 3, 2, 3, 1});
  for (const TopKCase& c : {TopKCase{true, {kNan, 3, 3, 3}, {1, 0, 2, 4}},
                            TopKCase{false, {1, 2, 3, 3}, {5, 3, 0, 2}}}) {
    TopK op;
    op.largest = c.largest;
    const auto y = run(op, {x, number(4)});
    EXPECT_EQ(values<std::int64_t>(y[1]), c.indices);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_TRUE(values<float>(y[0])[i] == c.values_[i] || std::isnan(c.values_[i]));
  }
}

TEST(TopK, AnyAxisKeepsTheQuantisation) {
  TopK op;
  op.axis = 0;
  op.index_dtype = DType::s32;
  const Quant quant = Quant::per_tensor(0.5f, 3);
  const Tensor x = tensor<std::uint8_t>({3, 2}, {1, 9, 5, 8, 3, 7}, quant);
  const auto y = run(op, {x, number(2)});
  EXPECT_EQ(y[0].shape(), (Shape{2, 2}));
  EXPECT_EQ(values<std::uint8_t>(y[0]), (std::vector<std::uint8_t>{5, 9, 3, 8}));
  EXPECT_EQ(values<std::int32_t>(y[1]), (std::vector<std::int32_t>{1, 0, 2, 1}));
  EXPECT_EQ(y[0].type().quant, quant);
  EXPECT_EQ(run(op, {x, number(0)})[0].shape(), (Shape{0, 2}));
}

TEST(TopK, Refusals) {
  const Tensor x = counting<float>({3});
  expect_refusals({
      {make_op<TopK>(), {x, number(4)}, kBad, "k is 4"},
      {make_op<TopK>(), {x, number(-1)}, kBad, "k is -1"},
      {make_op<TopK>(), {x, number(1)}, StatusCode::unsupported, "\"k\"", {1}},
      {make_op<TopK>(), {tensor<float>({}, {1}), number(1)}, kBad, "rank 0"},
  });
}

}  // namespace
}  // namespace octet
