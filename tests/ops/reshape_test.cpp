#include <cmath>

#include "ops/op_harness.hpp"
#include "ops/shape.hpp"

namespace octet {
namespace {

using namespace octet::testing;

OpPtr reshape(std::int64_t infer_axis = -1, bool zero_copies = false) {
  Reshape op;
  op.infer_axis = infer_axis;
  op.zero_copies = zero_copies;
  return make_op<Reshape>(op);
}

struct Case {
  OpPtr op;
  Shape from;
  Tensor target;
  Shape to;
};

TEST(Reshape, FindsTheTargetShape) {
  const std::vector<Case> cases = {
      {reshape(), Shape{2, 6}, ints({3, 4}), Shape{3, 4}},
      {reshape(), Shape{2, 6}, ints({-1, 4}), Shape{3, 4}},
      {reshape(1), Shape{2, 6}, ints({4, 77}),
       Shape{4, 3}},  // what stands at infer_axis is ignored
      {reshape(0), Shape{5, 60}, ints({-1, 60}), Shape{5, 60}},
      {reshape(-1, true), Shape{2, 6}, ints({0, -1, 2}), Shape{2, 3, 2}},
      {reshape(), Shape{0, 3}, ints({3, 0}), Shape{3, 0}},
      {reshape(), Shape{1, 1}, ints({}), Shape{}},
      {reshape(), Shape{}, ints({1, 1}), Shape{1, 1}},
      {reshape(), Shape{2, 6}, number(12), Shape{12}},
      {reshape(), Shape{2, 6}, tensor<float>(Shape{2}, {4.9f, 3.2f}), Shape{4, 3}},
      {reshape(), Shape{2, 6}, tensor<std::int32_t>(Shape{2}, {4, -1}), Shape{4, 3}},
  };
  for (const Case& c : cases) {
    const Tensor x = counting<std::int16_t>(c.from);
    const Tensor y = run(*c.op, {x, c.target}).front();
    EXPECT_EQ(y.shape(), c.to);
    EXPECT_EQ(values<std::int16_t>(y), values<std::int16_t>(x));
  }
}

TEST(Reshape, RefusesTargetsThatDoNotFit) {
  const Tensor x = counting<float>(Shape{2, 6});
  const Tensor empty = counting<float>(Shape{0, 6});
  const auto bad = StatusCode::invalid_model;
  const std::int64_t huge = std::int64_t{1} << 62;
  expect_refusals({
      {reshape(), {x, ints({5})}, bad, "cannot be reshaped to {5}"},
      {reshape(), {x, ints({-1, 5})}, bad, "cannot be reshaped to {-1,5}"},
      {reshape(), {x, ints({-1, -1})}, bad, "more than one extent of -1"},
      {reshape(), {x, ints({-2, 6})}, bad, "negative extent -2"},
      {reshape(), {empty, ints({-1, 0})}, bad, "cannot be reshaped"},
      {reshape(2), {x, ints({3, 4})}, bad, "the axis to infer is 2"},
      {reshape(-1, true), {x, ints({12, 1, 0})}, bad, "copies extent 2"},
      {reshape(), {x, ints({huge, 4})}, StatusCode::resource_exhausted, "overflows"},
      {reshape(), {x, ints({1, 1, 1, 1, 1, 1, 1, 3, 4})}, StatusCode::unsupported, "rank 9"},
      {reshape(), {x, counting<std::int32_t>(Shape{1, 2})}, bad, "a vector is expected"},
      {reshape(), {x, tensor<float>(Shape{1}, {NAN})}, bad, "an integer is expected"},
      {reshape(), {x, ints({12})}, StatusCode::unsupported, "\"shape\" is not known", {1}},
      {reshape(), {x}, bad, "has 1 inputs where it takes 2"},
  });
}

TEST(Reshape, KeepsQuantisationAndFollowsItsAxis) {
  const Quant per_tensor = Quant::per_tensor(0.25f, 3);
  EXPECT_EQ(
      infer(*reshape(), {counting<std::int8_t>(Shape{4, 6}, per_tensor), ints({24})})[0].quant,
      per_tensor);
  const Tensor x = counting<std::int8_t>(Shape{2, 3, 4}, Quant{{1.0f, 2.0f, 3.0f}, {}, 1});
  EXPECT_EQ(infer(*reshape(), {x, ints({1, 2, 3, 2, 2})})[0].quant->axis, 2);
  expect_refusals({{reshape(),
                    {x, ints({6, 4})},
                    StatusCode::unsupported,
                    "breaks up the axis along which the scales vary"}});
}

TEST(Squeeze, RemovesAxesOfExtentOne) {
  const Tensor x = counting<std::int32_t>(Shape{1, 2, 1, 3});
  EXPECT_EQ(run(Squeeze{}, {x})[0].shape(), (Shape{2, 3}));
  Squeeze op;
  op.axes = {-2};
  const Tensor y = run(op, {x})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(values<std::int32_t>(y), values<std::int32_t>(x));
  op.axes = {1};
  expect_refusal(StatusCode::invalid_model, "cannot be removed", [&] { infer(op, {x}); });
  op.axes = {0, -4};
  expect_refusal(StatusCode::invalid_model, "named twice", [&] { infer(op, {x}); });
  op.axes = {4};
  expect_refusal(StatusCode::invalid_model, "axis 4 is out of range", [&] { infer(op, {x}); });
}

TEST(Unsqueeze, AddsAxesAtPlacesOfTheOutput) {
  const Tensor x = counting<float>(Shape{2, 3});
  Unsqueeze op;
  op.axes = {0, -1};
  EXPECT_EQ(run(op, {x})[0].shape(), (Shape{1, 2, 3, 1}));
  op.axes = {1, 1};
  expect_refusal(StatusCode::invalid_model, "named twice", [&] { infer(op, {x}); });
  op.axes = {3};
  expect_refusal(StatusCode::invalid_model, "out of range", [&] { infer(op, {x}); });
  op.axes = {0, 1, 2, 3, 4, 5, 6};
  expect_refusal(StatusCode::unsupported, "more than 8 axes", [&] { infer(op, {x}); });
}

TEST(Flatten, SplitsTheAxesInTwo) {
  const Tensor x = counting<float>(Shape{2, 3, 4});
  const std::vector<std::pair<std::int64_t, Shape>> rows = {
      {0, {1, 24}}, {1, {2, 12}}, {-1, {6, 4}}, {3, {24, 1}}};
  for (const auto& [axis, shape] : rows) {
    Flatten op;
    op.axis = axis;
    EXPECT_EQ(run(op, {x})[0].shape(), shape) << axis;
  }
  Flatten op;
  op.axis = 4;
  expect_refusal(StatusCode::invalid_model, "out of range", [&] { infer(op, {x}); });
}

TEST(Identity, KeepsTypeAndBytes) {
  const Tensor x = counting<std::uint8_t>(Shape{3, 2}, Quant::per_tensor(0.5f, 7));
  const Tensor y = run(Identity{}, {x})[0];
  EXPECT_EQ(y.type(), x.type());
  EXPECT_EQ(values<std::uint8_t>(y), values<std::uint8_t>(x));
}

}  // namespace
}  // namespace octet
