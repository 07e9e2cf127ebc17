#include "ops/shape.hpp"

#include <cmath>

#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;

TEST(Broadcast, FollowsNumpy) {
  EXPECT_EQ(broadcast(Shape{2, 1, 4}, Shape{3, 1}), (Shape{2, 3, 4}));
  EXPECT_EQ(broadcast(Shape{}, Shape{2}), Shape{2});
  EXPECT_EQ(broadcast(Shape{1}, Shape{0}), Shape{0});
  expect_refusal(kBad, "{2,3} and {2} do not broadcast", [] { broadcast(Shape{2, 3}, Shape{2}); });
}

OpPtr expand(bool exact) {
  Expand op;
  op.exact = exact;
  return make_op<Expand>(op);
}

TEST(Expand, RepeatsAxesOfExtentOne) {
  const Tensor x = tensor<std::int8_t>(Shape{2, 1}, {7, 9}, Quant{{1.0f, 2.0f}, {}, 0});
  const Tensor y = run(*expand(true), {x, ints({2, 2, 3})})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(y.type().quant->axis, 1);
  EXPECT_EQ(values<std::int8_t>(y), (std::vector<std::int8_t>{7, 7, 7, 9, 9, 9, 7, 7, 7, 9, 9, 9}));
  // Without `exact` the target's own 1s grow, too.
  EXPECT_EQ(run(*expand(false), {counting<float>(Shape{3, 4}), ints({2, 1, 1})})[0].shape(),
            (Shape{2, 3, 4}));
}

TEST(Expand, RefusesTargetsThatDoNotFit) {
  const Tensor x = counting<float>(Shape{3, 4});
  const Tensor one = counting<float>(Shape{1});
  const auto full = StatusCode::resource_exhausted;
  expect_refusals({
      {expand(true), {x, ints({3, 1})}, kBad, "does not broadcast to {3,1}"},
      {expand(true), {x, ints({4})}, kBad, "does not broadcast to {4}"},
      {expand(false), {x, ints({2, 4})}, kBad, "{3,4} and {2,4} do not broadcast"},
      {expand(false), {one, ints({-1})}, kBad, "the extent -1"},
      {expand(false), {one, ints({std::int64_t{1} << 40})}, full, "above the limit"},
      {expand(false), {one, ints({1 << 20, 1 << 20})}, full, "elements"},
      {expand(false), {one, ints({0, 1 << 30, 1 << 30})}, full, "elements"},
      {expand(false), {one, ints({2})}, StatusCode::unsupported, "\"shape\" is not known", {1}},
  });
}

TEST(Tile, RepeatsWholeAxes) {
  const Tensor x = counting<std::int16_t>(Shape{2, 2});
  const Tensor y = run(Tile{}, {x, ints({1, 2})})[0];
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{0, 1, 0, 1, 2, 3, 2, 3}));
  EXPECT_EQ(run(Tile{}, {x, ints({0, 3})})[0].shape(), (Shape{0, 6}));
  const OpPtr tile = make_op<Tile>();
  expect_refusals({
      {tile, {x, ints({1})}, kBad, "1 repeats"},
      {tile, {x, ints({1, -1})}, kBad, "repeated -1 times"},
      {tile, {x, ints({1, std::int64_t{1} << 62})}, StatusCode::resource_exhausted, ""},
      {tile, {x, ints({1, 2})}, StatusCode::unsupported, "\"repeats\" is not known", {1}},
  });
}

TEST(ShapeOf, SelectsExtents) {
  const Tensor x = counting<float>(Shape{2, 3, 4});
  ShapeOf op;
  EXPECT_EQ(values<std::int64_t>(run(op, {x}, {0})[0]), (std::vector<std::int64_t>{2, 3, 4}));
  op.start = -2;
  op.end = -1;
  EXPECT_EQ(values<std::int64_t>(run(op, {x}, {0})[0]), (std::vector<std::int64_t>{3}));
  op.start = 5;
  EXPECT_EQ(run(op, {x})[0].shape(), Shape{0});
  ShapeOf axis;
  axis.axis = -1;
  axis.dtype = DType::s32;
  EXPECT_EQ(values<std::int32_t>(run(axis, {x})[0]), (std::vector<std::int32_t>{4}));
  axis.axis = 3;
  expect_refusal(kBad, "axis 3 is out of range", [&] { infer(axis, {x}); });
  ShapeOf size;
  size.size_only = true;
  EXPECT_EQ(values<std::int64_t>(run(size, {x})[0]), (std::vector<std::int64_t>{24}));
  EXPECT_EQ(run(size, {x})[0].shape(), Shape{});
  // Several inputs: the shape they broadcast to.
  EXPECT_EQ(values<std::int64_t>(run(ShapeOf{}, {x, counting<float>(Shape{5, 1, 1, 1})})[0]),
            (std::vector<std::int64_t>{5, 2, 3, 4}));
  size.dtype = DType::f32;
  expect_refusal(StatusCode::unsupported, "a shape as f32", [&] { infer(size, {x}); });
}

TEST(ConstantOfShape, FillsWithTheValue) {
  ConstantOfShape op;
  op.value = tensor<std::int32_t>(Shape{1}, {-5});
  EXPECT_EQ(values<std::int32_t>(run(op, {ints({2, 1})})[0]), (std::vector<std::int32_t>{-5, -5}));
  expect_refusal(kBad, "the extent -2", [&] { infer(op, {ints({-2})}); });
  expect_refusal(StatusCode::unsupported, "\"shape\" is not known",
                 [&] { infer(op, {ints({2})}, {0}); });
  op.value = ints({1, 2});
  expect_refusal(kBad, "not one element", [&] { infer(op, {ints({2})}); });
}

TEST(Range, CountsUpAndDown) {
  const auto f = [](float value) { return tensor<float>(Shape{}, {value}); };
  EXPECT_EQ(values<float>(run(Range{}, {f(1.0f), f(2.0f), f(0.25f)})[0]),
            (std::vector<float>{1.0f, 1.25f, 1.5f, 1.75f}));
  EXPECT_EQ(values<std::int64_t>(run(Range{}, {number(7), number(0), number(-3)})[0]),
            (std::vector<std::int64_t>{7, 4, 1}));
  EXPECT_EQ(run(Range{}, {number(7), number(0), number(3)})[0].shape(), Shape{0});
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(values<std::int64_t>(run(Range{}, {number(-most), number(most), number(most)})[0]),
            (std::vector<std::int64_t>{-most, 0}));
  const OpPtr range = make_op<Range>();
  expect_refusals({
      {range, {number(0), number(1), number(0)}, kBad, "the step 0"},
      {range, {f(0), f(1), f(0)}, kBad, "the step 0"},
      {range, {f(0), f(NAN), f(1)}, kBad, "NaN"},
      {range, {f(0), f(INFINITY), f(1)}, StatusCode::resource_exhausted, "elements"},
      {range, {number(0), number(most), number(1)}, StatusCode::resource_exhausted, "elements"},
      {range, {number(0), f(1), number(1)}, kBad, "scalars of one type"},
      {range, {number(0), ints({1, 2}), number(1)}, kBad, "scalars of one type"},
      {range, {number(0), number(1), number(1)}, StatusCode::unsupported, "\"limit\"", {1}},
  });
}

}  // namespace
}  // namespace octet
