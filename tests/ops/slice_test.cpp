#include "ops/move.hpp"

#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct Range1d {
  std::int64_t begin, end, step;
  std::vector<float> picked;  // of 0 ... 9
};

// What Python's list(range(10))[begin:end:step] gives.
const std::vector<Range1d> kRanges = {
    {1, 6, 2, {1, 3, 5}},
    {0, kMost, 3, {0, 3, 6, 9}},
    {-3, kMost, 1, {7, 8, 9}},
    {kLeast, -8, 1, {0, 1}},
    {5, 2, 1, {}},
    {12, 15, 1, {}},
    {8, 2, -2, {8, 6, 4}},
    {kMost, kLeast, -4, {9, 5, 1}},
    {2, 8, -1, {}},
    {3, 4, kMost, {3}},
    {3, 9, kMost, {3}},
    {3, kLeast, kLeast, {3}},
};

TEST(Slice, CountsAsPythonDoes) {
  const Tensor x = counting<float>(Shape{10});
  for (const Range1d& range : kRanges) {
    const Tensor y =
        run(Slice{}, {x, number(range.begin), number(range.end), Tensor{}, number(range.step)})[0];
    EXPECT_EQ(values<float>(y), range.picked)
        << range.begin << ":" << range.end << ":" << range.step;
  }
}

TEST(Slice, TakesTheAxesItNames) {
  const Tensor x = counting<std::int16_t>(Shape{2, 3, 4});
  const Tensor y = run(Slice{}, {x, ints({1, 0}), ints({4, 1}), ints({-1, 0}), ints({2, 1})})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{1, 3, 5, 7, 9, 11}));
  EXPECT_EQ(run(Slice{}, {x, ints({1}), ints({2})})[0].shape(), (Shape{1, 3, 4}));
  EXPECT_EQ(
      run(Slice{}, {counting<float>(Shape{0}), ints({0}), ints({9}), ints({0}), ints({-1})})[0]
          .shape(),
      (Shape{0}));
}

TEST(Slice, RefusesWhatItCannotFollow) {
  const Tensor x = counting<float>(Shape{2, 3});
  const OpPtr slice = make_op<Slice>();
  const Tensor channels = counting<std::int8_t>(Shape{2, 3}, Quant{{1.0f, 2.0f}, {}, 0});
  expect_refusals({
      {slice, {x, ints({0}), ints({1}), ints({2})}, kBad, "axis 2 is out of range"},
      {slice, {x, ints({0, 0}), ints({1, 1}), ints({0, -2})}, kBad, "named twice"},
      {slice, {x, ints({0}), ints({1}), ints({0}), ints({0})}, kBad, "the step 0"},
      {slice, {x, ints({0}), ints({1, 1})}, kBad, "1 starts, 2 ends"},
      {slice, {x, ints({0, 0, 0}), ints({1, 1, 1})}, kBad, "axis 2 is out of range"},
      {slice, {x, ints({0}), ints({1})}, StatusCode::unsupported, "\"ends\" is not known", {2}},
      {slice, {x, ints({0}), ints({1}), ints({0})}, StatusCode::unsupported, "\"axes\"", {3}},
      {slice, {channels, ints({0}), ints({1})}, StatusCode::unsupported, "the scales vary"},
  });
  EXPECT_EQ(infer(*slice, {channels, ints({0}), ints({1}), ints({1})})[0].quant->axis, 0);
}

TEST(Slice, AComputedScalarIsNoAbsentStep) {
  const Tensor x = counting<float>(Shape{10});
  const Tensor backwards = tensor<float>(Shape{}, {-1.0f});
  expect_refusal(StatusCode::unsupported, "\"steps\" is not known", [&] {
    run(Slice{}, {x, number(-1), number(0), Tensor{}, backwards}, {4});
  });
}

TEST(Subtensor, CountsAsPythonDoes) {
  const Tensor x = counting<float>(Shape{10});
  Subtensor op;
  op.items = {{0, true, true, true, false}};
  for (const Range1d& range : kRanges)
    EXPECT_EQ(
        values<float>(run(op, {x, number(range.begin), number(range.end), number(range.step)})[0]),
        range.picked);
  op.items = {{0, false, false, true, false}};
  EXPECT_EQ(values<float>(run(op, {x, number(-4)})[0]), (std::vector<float>{9, 5, 1}));
}

TEST(Subtensor, TakesItsNumbersInTheOrderOfTheItems) {
  // [:, 1:6:2, 2:, :-1] as MegEngine stores it.
  const Shape shape{2, 7, 6, 5};
  const Tensor x = counting<std::int32_t>(shape);
  Subtensor op;
  op.items = {
      {3, false, true, false, false}, {2, true, false, false, false}, {1, true, true, true, false}};
  const Tensor y = run(op, {x, number(-1), number(2), number(1), number(6), number(2)})[0];
  ASSERT_EQ(y.shape(), (Shape{2, 3, 4, 4}));
  std::size_t i = 0;
  for (std::int32_t n = 0; n < 2; ++n)
    for (std::int32_t c = 1; c < 6; c += 2)
      for (std::int32_t h = 2; h < 6; ++h)
        for (std::int32_t w = 0; w < 4; ++w)
          ASSERT_EQ(y.values<std::int32_t>()[i++], ((n * 7 + c) * 6 + h) * 5 + w);
}

TEST(Subtensor, AnIndexRemovesItsAxis) {
  const Tensor x = counting<std::int8_t>(Shape{2, 3, 4}, Quant{{1.0f, 2.0f, 3.0f, 4.0f}, {}, 2});
  Subtensor op;
  op.items = {{1, false, false, false, true}};
  const Tensor y = run(op, {x, number(-2)})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 4}));
  EXPECT_EQ(y.type().quant->axis, 1);
  EXPECT_EQ(values<std::int8_t>(y), (std::vector<std::int8_t>{4, 5, 6, 7, 16, 17, 18, 19}));
  const Tensor vector = counting<std::int32_t>(Shape{5});
  op.items = {{0, false, false, false, true}};
  const Tensor scalar = run(op, {vector, number(3)})[0];
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(values<std::int32_t>(scalar), (std::vector<std::int32_t>{3}));
}

TEST(Subtensor, RefusesWhatItCannotFollow) {
  const Tensor x = counting<float>(Shape{2, 3});
  const auto subtensor = [](std::vector<SubtensorItem> items) {
    Subtensor op;
    op.items = std::move(items);
    return make_op<Subtensor>(op);
  };
  const SubtensorItem index{1, false, false, false, true}, begin{1, true, false, false, false};
  expect_refusals({
      {subtensor({index}), {x, number(3)}, kBad, "index 3 is out of range"},
      {subtensor({index}), {x, number(-4)}, kBad, "index -4 is out of range"},
      {subtensor({index}), {x}, kBad, "1 inputs where it takes 2"},
      {subtensor({index}), {x, number(0), number(0)}, kBad, "3 inputs where it takes 2"},
      {subtensor({index}), {x, ints({0, 1})}, kBad, "2 elements where one is expected"},
      {subtensor({index}), {x, number(0)}, StatusCode::unsupported, "not known", {1}},
      {subtensor({begin, index}), {x, number(0), number(0)}, kBad, "named twice"},
      {subtensor({{2, true, false, false, false}}), {x, number(0)}, kBad, "axis 2 is out of range"},
      {subtensor({{0, true, false, false, true}}), {x, number(0), number(0)}, kBad, "both"},
      {subtensor({{0, false, false, true, false}}), {x, number(0)}, kBad, "the step 0"},
  });
}

TEST(SetSubtensor, ReplacesOrAdds) {
  const Tensor x = counting<std::int32_t>(Shape{2, 4});
  const Tensor value = tensor<std::int32_t>(Shape{2, 2}, {100, 101, 102, 103});
  SetSubtensor op;
  op.items = {{1, false, false, true, false}};
  EXPECT_EQ(values<std::int32_t>(run(op, {x, value, number(2)})[0]),
            (std::vector<std::int32_t>{100, 1, 101, 3, 102, 5, 103, 7}));
  op.add = true;
  EXPECT_EQ(values<std::int32_t>(run(op, {x, value, number(2)})[0]),
            (std::vector<std::int32_t>{100, 1, 103, 3, 106, 5, 109, 7}));
  const Tensor wide = counting<std::int32_t>(Shape{2, 3});
  expect_refusal(kBad, "cannot replace a part", [&] { infer(op, {x, wide, number(2)}); });
  const Tensor quantised = counting<std::int8_t>(Shape{2, 2}, Quant::per_tensor(0.5f));
  op.items = {};
  expect_refusal(StatusCode::unsupported, "adding to a part", [&] {
    infer(op, {quantised, quantised});
  });
}

}  // namespace
}  // namespace octet
