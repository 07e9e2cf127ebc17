#include "ops/move.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;
constexpr auto kInput = StatusCode::invalid_input;

template <typename Op>
OpPtr along(std::int64_t axis) {
  Op op;
  op.axis = axis;
  return make_op<Op>(op);
}

OpPtr gather_nd(std::int64_t batch_dims) {
  GatherND op;
  op.batch_dims = batch_dims;
  return make_op<GatherND>(op);
}

const Tensor kCounting = counting<std::int16_t>(Shape{2, 3, 2});

TEST(Gather, PicksSlices) {
  const Tensor indices = tensor<std::int32_t>(Shape{2, 2}, {2, -3, 0, 1});
  const Tensor y = run(*along<Gather>(1), {kCounting, indices}, {1})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 2, 2, 2}));
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{4, 5, 0, 1, 0, 1, 2, 3,  //
                                                                10, 11, 6, 7, 6, 7, 8, 9}));
  const Tensor scalar =
      run(*along<Gather>(0), {ints({5, 6, 7}), tensor<std::int64_t>({}, {-1})})[0];
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(values<std::int64_t>(scalar), (std::vector<std::int64_t>{7}));
}

TEST(Gather, ScalesFollowTheirAxis) {
  const Tensor x = counting<std::int8_t>(Shape{2, 3}, Quant{{1.0f, 2.0f, 3.0f}, {}, 1});
  const Tensor indices = tensor<std::int64_t>(Shape{1, 1}, {0});
  EXPECT_EQ(infer(*along<Gather>(0), {x, indices})[0].quant->axis, 2);
}

TEST(Gather, RefusesWhatItCannotFollow) {
  const Tensor x = counting<std::int8_t>(Shape{2, 3}, Quant{{1.0f, 2.0f, 3.0f}, {}, 1});
  expect_refusals({
      {along<Gather>(1), {x, number(0)}, StatusCode::unsupported, "the scales vary"},
      {along<Gather>(2), {x, number(0)}, kBad, "axis 2 is out of range"},
      {along<Gather>(0), {x, tensor<float>({}, {0.0f})}, kBad, "s32 or s64 is expected"},
      {along<Gather>(0),
       {kCounting, counting<std::int64_t>(Shape{1, 1, 1, 1, 1, 1, 1})},
       StatusCode::unsupported,
       "rank 9"},
  });
  for (const std::int64_t index : {3, -4})
    expect_refusal(kInput, "out of range for an axis of extent 3", [&] {
      run(*along<Gather>(1), {kCounting, number(index)});
    });
}

TEST(GatherElements, PicksElementByElement) {
  const Tensor indices = tensor<std::int64_t>(Shape{2, 1, 2}, {2, 0, -1, 1});
  const Tensor y = run(*along<GatherElements>(1), {kCounting, indices})[0];
  EXPECT_EQ(y.shape(), indices.shape());
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{4, 1, 10, 9}));
  expect_refusals({
      {along<GatherElements>(1), {kCounting, ints({0})}, kBad, "do not fit"},
      {along<GatherElements>(0), {kCounting, counting<std::int64_t>(Shape{1, 4, 1})}, kBad, "fit"},
      {along<GatherElements>(3), {kCounting, indices}, kBad, "axis 3 is out of range"},
  });
  expect_refusal(kInput, "index 2 at position 0", [&] {
    run(*along<GatherElements>(0), {kCounting, indices});
  });
}

TEST(GatherND, FollowsTuplesOfIndices) {
  const Tensor pairs = tensor<std::int64_t>(Shape{2, 2}, {0, 2, 1, -3});
  EXPECT_EQ(values<std::int16_t>(run(*gather_nd(0), {kCounting, pairs})[0]),
            (std::vector<std::int16_t>{4, 5, 6, 7}));
  const Tensor triple = tensor<std::int32_t>(Shape{3}, {1, 1, 1});
  const Tensor scalar = run(*gather_nd(0), {kCounting, triple})[0];
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(values<std::int16_t>(scalar), (std::vector<std::int16_t>{9}));
  const Tensor per_batch = tensor<std::int64_t>(Shape{2, 1, 1}, {2, 0});
  const Tensor y = run(*gather_nd(1), {kCounting, per_batch})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 1, 2}));
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{4, 5, 6, 7}));
}

TEST(GatherND, RefusesTuplesThatDoNotFit) {
  const Tensor pairs = counting<std::int64_t>(Shape{2, 2});
  const Tensor empty = counting<std::int64_t>(Shape{2, 0});
  const Tensor longer = counting<std::int64_t>(Shape{1, 4});
  expect_refusals({
      {gather_nd(0), {kCounting, longer}, kBad, "cannot pick"},
      {gather_nd(0), {kCounting, empty}, kBad, "cannot pick"},
      {gather_nd(0), {kCounting, tensor<std::int64_t>({}, {0})}, kBad, "cannot pick"},
      {gather_nd(1), {kCounting, counting<std::int64_t>(Shape{3, 1})}, kBad, "cannot pick"},
      {gather_nd(3), {kCounting, counting<std::int64_t>(Shape{2, 3, 2, 1})}, kBad, "cannot pick"},
      {gather_nd(-1), {kCounting, pairs}, kBad, "-1 batch axes"},
  });
  expect_refusal(kInput, "index 2 at position 2", [&] { run(*gather_nd(0), {kCounting, pairs}); });
}

TEST(ScatterElements, WritesElementByElement) {
  const Tensor x = counting<float>(Shape{2, 3});
  const Tensor indices = tensor<std::int64_t>(Shape{1, 2}, {1, -2});
  const Tensor updates = tensor<float>(Shape{1, 2}, {10.0f, 11.0f});
  EXPECT_EQ(values<float>(run(*along<ScatterElements>(0), {x, indices, updates})[0]),
            (std::vector<float>{0, 11, 2, 10, 4, 5}));
  // The last of equal indices wins.
  EXPECT_EQ(values<float>(run(*along<ScatterElements>(1), {x, indices, updates})[0]),
            (std::vector<float>{0, 11, 2, 3, 4, 5}));
  expect_refusals({
      {along<ScatterElements>(0), {x, indices, ints({1, 2})}, kBad, "updates of type s64{2}"},
      {along<ScatterElements>(0), {x, updates, updates}, kBad, "s32 or s64"},
  });
  const Tensor far = tensor<std::int64_t>(Shape{1, 2}, {0, 2});
  expect_refusal(kInput, "index 2 at position 1", [&] {
    run(*along<ScatterElements>(0), {x, far, updates});
  });
}

TEST(ScatterND, ReplacesSlices) {
  const Tensor x = counting<float>(Shape{3, 2});
  const OpPtr op = make_op<ScatterND>();
  const Tensor rows = tensor<std::int64_t>(Shape{2, 1}, {2, 0});
  const Tensor updates = tensor<float>(Shape{2, 2}, {10.0f, 11.0f, 12.0f, 13.0f});
  EXPECT_EQ(values<float>(run(*op, {x, rows, updates})[0]),
            (std::vector<float>{12, 13, 2, 3, 10, 11}));
  const Tensor element = tensor<std::int64_t>(Shape{1, 2}, {-1, 1});
  const Tensor update = tensor<float>(Shape{1}, {7.0f});
  EXPECT_EQ(values<float>(run(*op, {x, element, update})[0]),
            (std::vector<float>{0, 1, 2, 3, 4, 7}));
  expect_refusals({
      {op, {x, rows, update}, kBad, "updates of type f32{1}"},
      {op, {x, updates, updates}, kBad, "s32 or s64"},
      {op, {x, tensor<std::int64_t>(Shape{1, 3}, {0, 0, 0}), update}, kBad, "do not fit"},
  });
  const Tensor far = tensor<std::int64_t>(Shape{1, 2}, {0, 2});
  expect_refusal(kInput, "index 2 at position 1", [&] { run(*op, {x, far, update}); });
}

TEST(OneHot, TurnsOneElementOn) {
  const Tensor indices = tensor<std::int64_t>(Shape{3}, {1, -1, 5});
  const Tensor off_on = tensor<std::int8_t>(Shape{2}, {-7, 9});
  const Tensor rows = run(*along<OneHot>(-1), {indices, number(3), off_on}, {0, 2})[0];
  EXPECT_EQ(rows.shape(), (Shape{3, 3}));
  EXPECT_EQ(values<std::int8_t>(rows), (std::vector<std::int8_t>{-7, 9, -7,  //
                                                                 -7, -7, 9,  //
                                                                 -7, -7, -7}));
  const Tensor columns = run(*along<OneHot>(0), {indices, number(2), off_on})[0];
  EXPECT_EQ(values<std::int8_t>(columns), (std::vector<std::int8_t>{-7, -7, -7, 9, 9, -7}));
  expect_refusals({
      {along<OneHot>(0), {indices, number(0), off_on}, kBad, "depth 0"},
      {along<OneHot>(0),
       {indices, number(std::int64_t{1} << 40), off_on},
       StatusCode::resource_exhausted,
       "above the limit"},
      {along<OneHot>(2), {indices, number(2), off_on}, kBad, "axis 2 is out of range"},
      {along<OneHot>(0), {indices, number(2), number(1)}, kBad, "off and on"},
      {along<OneHot>(0), {indices, number(2), off_on}, StatusCode::unsupported, "\"depth\"", {1}},
  });
}

TEST(VectorIndex, IndicesStepTogetherWhereTheFirstOfThemStood) {
  // [:, i, :, j] as MegEngine stores it: the items are not sorted.
  const Shape shape{2, 3, 2, 4};
  const Tensor x = counting<std::int32_t>(shape);
  VectorIndex op;
  op.items = {{3, false, false, false, true}, {1, false, false, false, true}};
  const Tensor j = tensor<std::int32_t>(Shape{3}, {3, -4, 1});
  const Tensor i = tensor<std::int32_t>(Shape{1}, {2});
  const Tensor y = run(op, {x, j, i}, {1, 2})[0];
  ASSERT_EQ(y.shape(), (Shape{2, 3, 2}));
  std::size_t at = 0;
  for (std::int32_t n = 0; n < 2; ++n)
    for (const std::int32_t w : {3, 0, 1})
      for (std::int32_t h = 0; h < 2; ++h)
        EXPECT_EQ(y.values<std::int32_t>()[at++], ((n * 3 + 2) * 2 + h) * 4 + w);
}

TEST(VectorIndex, SlicesTheOtherAxes) {
  VectorIndex op;
  op.items = {{0, true, false, false, false}, {1, false, false, false, true}};
  const Tensor y = run(op, {kCounting, number(1), ints({0, 0, 2})})[0];
  EXPECT_EQ(y.shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(values<std::int16_t>(y), (std::vector<std::int16_t>{6, 7, 6, 7, 10, 11}));
}

TEST(VectorIndex, RefusesWhatItCannotFollow) {
  const auto indexed = [](std::vector<SubtensorItem> items) {
    VectorIndex op;
    op.items = std::move(items);
    return make_op<VectorIndex>(op);
  };
  const SubtensorItem first{0, false, false, false, true}, second{1, false, false, false, true};
  expect_refusals({
      {indexed({}), {kCounting}, kBad, "no axis is indexed"},
      {indexed({first, first}), {kCounting, number(0), number(0)}, kBad, "named twice"},
      {indexed({first, second}), {kCounting, ints({0, 1}), ints({0, 1, 2})}, kBad, "broadcast"},
      {indexed({first}), {kCounting, tensor<float>(Shape{1}, {0})}, kBad, "s32 or s64"},
      {indexed({first}), {kCounting}, kBad, "1 inputs where it takes 2"},
  });
  expect_refusal(kInput, "index 2 at position 1", [&] {
    run(*indexed({first}), {kCounting, ints({0, 2})});
  });
}

}  // namespace
}  // namespace octet
