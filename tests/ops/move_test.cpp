#include "ops/move.hpp"

#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;

OpPtr transpose(std::vector<std::int64_t> permutation) {
  Transpose op;
  op.permutation = std::move(permutation);
  return make_op<Transpose>(op);
}

OpPtr concat_along(std::int64_t axis) {
  Concat op;
  op.axis = axis;
  return make_op<Concat>(op);
}

OpPtr split(std::int64_t axis, std::int64_t parts) {
  Split op;
  op.axis = axis;
  op.parts = parts;
  return make_op<Split>(op);
}

template <typename T>
void check_transpose() {
  const Shape shape{2, 3, 4, 5};
  const Tensor x = counting<T>(shape);
  const Tensor y = run(*transpose({0, 2, 3, 1}), {x})[0];
  ASSERT_EQ(y.shape(), (Shape{2, 4, 5, 3}));
  for (std::size_t n = 0, i = 0; n < 2; ++n)
    for (std::size_t h = 0; h < 4; ++h)
      for (std::size_t w = 0; w < 5; ++w)
        for (std::size_t c = 0; c < 3; ++c, ++i)
          ASSERT_EQ(y.values<T>()[i], x.values<T>()[((n * 3 + c) * 4 + h) * 5 + w]);
}

TEST(Transpose, MovesElementsOfEverySize) {
  check_transpose<std::int8_t>();
  check_transpose<std::int16_t>();
  check_transpose<float>();
  check_transpose<std::int64_t>();
}

TEST(Transpose, ReversesByDefaultAndKeepsBlocksTogether) {
  const Tensor x = counting<std::int32_t>(Shape{2, 3});
  EXPECT_EQ(values<std::int32_t>(run(*transpose({}), {x})[0]),
            (std::vector<std::int32_t>{0, 3, 1, 4, 2, 5}));
  // The last axis stays: rows of three elements move as one.
  const Tensor block = counting<std::int8_t>(Shape{2, 2, 3});
  EXPECT_EQ(values<std::int8_t>(run(*transpose({1, 0, 2}), {block})[0]),
            (std::vector<std::int8_t>{0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11}));
  EXPECT_EQ(run(*transpose({}), {counting<float>(Shape{})})[0].shape(), Shape{});
  EXPECT_EQ(run(*transpose({1, 0}), {counting<float>(Shape{0, 3})})[0].shape(), (Shape{3, 0}));
}

TEST(Transpose, CarriesTheAxisOfTheScales) {
  const Tensor x = counting<std::int8_t>(Shape{2, 3, 1}, Quant{{1.0f, 2.0f, 3.0f}, {}, 1});
  EXPECT_EQ(infer(*transpose({2, 0, 1}), {x})[0].quant->axis, 2);
}

TEST(Transpose, RefusesWhatIsNoPermutation) {
  const Tensor x = counting<float>(Shape{2, 3});
  expect_refusals({
      {transpose({0, 0}), {x}, kBad, "axis 0 is named twice"},
      {transpose({1, -1}), {x}, kBad, "axis -1 is named twice"},
      {transpose({0, 2}), {x}, kBad, "axis 2 is out of range"},
      {transpose({0}), {x}, kBad, "has 1 axes but the value has 2"},
      {transpose({0, 1, 2}), {x}, kBad, "has 3 axes but the value has 2"},
  });
}

TEST(Concat, PutsPartsTogether) {
  const Tensor a = counting<std::int8_t>(Shape{2, 1, 2});
  const Tensor b = tensor<std::int8_t>(Shape{2, 2, 2}, {10, 11, 12, 13, 14, 15, 16, 17});
  const Tensor none = counting<std::int8_t>(Shape{2, 0, 2});
  const Tensor y = run(*concat_along(-2), {a, none, b})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(values<std::int8_t>(y),
            (std::vector<std::int8_t>{0, 1, 10, 11, 12, 13, 2, 3, 14, 15, 16, 17}));
}

TEST(Concat, RefusesPartsThatDiffer) {
  const Tensor x = counting<float>(Shape{2, 3});
  const Tensor half = counting<std::int8_t>(Shape{2, 3}, Quant::per_tensor(0.5f));
  const Tensor third = counting<std::int8_t>(Shape{2, 3}, Quant::per_tensor(0.3f));
  const Tensor channels = counting<std::int8_t>(Shape{2, 3}, Quant{{1.0f, 2.0f}, {}, 0});
  expect_refusals({
      {concat_along(0), {x, counting<float>(Shape{2, 4})}, kBad, "inputs 0 and 1 do not fit"},
      {concat_along(0), {x, counting<float>(Shape{2, 3, 1})}, kBad, "do not fit together"},
      {concat_along(0), {x, counting<std::int32_t>(Shape{2, 3})}, kBad, "f32{2,3} and s32{2,3}"},
      {concat_along(1), {half, half, third}, kBad, "inputs 0 and 2"},
      {concat_along(2), {x, x}, kBad, "axis 2 is out of range"},
      {concat_along(0), {channels, channels}, StatusCode::unsupported, "the scales vary"},
      {concat_along(0), {}, kBad, "0 inputs"},
  });
  EXPECT_EQ(infer(*concat_along(1), {channels, channels})[0].quant->axis, 0);
}

TEST(Split, TakesAnAxisApart) {
  const Tensor x = counting<std::int32_t>(Shape{2, 4});
  for (const auto& [op, inputs] : std::vector<std::pair<OpPtr, std::vector<Tensor>>>{
           {split(1, 0), {x, ints({1, 3})}},
           {split(-1, 0), {x, number(1), number(3)}},
       }) {
    const std::vector<Tensor> parts = run(*op, inputs);
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(values<std::int32_t>(parts[0]), (std::vector<std::int32_t>{0, 4}));
    EXPECT_EQ(values<std::int32_t>(parts[1]), (std::vector<std::int32_t>{1, 2, 3, 5, 6, 7}));
  }
  const std::vector<Tensor> uneven = run(*split(1, 3), {counting<float>(Shape{1, 8})});
  ASSERT_EQ(uneven.size(), 3u);
  EXPECT_EQ(values<float>(uneven[2]), (std::vector<float>{6, 7}));
}

TEST(Split, RefusesPartsThatDoNotAddUp) {
  const Tensor x = counting<float>(Shape{2, 5});
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  expect_refusals({
      {split(1, 0), {x, ints({2, 2})}, kBad, "{2,2} do not add up to the extent 5"},
      {split(1, 0), {x, ints({6, -1})}, kBad, "a part has the size -1"},
      {split(1, 0), {x, ints({huge, huge})}, StatusCode::resource_exhausted, "overflows"},
      {split(1, 0), {x, ints({})}, kBad, "do not add up"},
      {split(1, 0), {x, ints({5})}, StatusCode::unsupported, "\"split\" is not known", {1}},
      {split(1, 4), {x}, kBad, "extent 5 cannot be split into 4 parts"},
      {split(1, -1), {x}, kBad, "cannot be split into -1 parts"},
      {split(1, huge), {x}, StatusCode::resource_exhausted, "above the limit"},
      {split(2, 1), {x}, kBad, "axis 2 is out of range"},
  });
}

}  // namespace
}  // namespace octet
