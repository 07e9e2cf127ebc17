// The expected numbers are those of ONNX Runtime and, for the layer norm's statistics, MegEngine.
#include "ops/norm.hpp"

#include <limits>

#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;
using Floats = std::vector<float>;

// -3, -2, ... 4 in two channels of two by two.
Tensor two_maps() { return tensor<float>({1, 2, 2, 2}, {-3, -2, -1, 0, 1, 2, 3, 4}); }
Tensor pair_of(float a, float b) { return tensor<float>({2}, {a, b}); }

void expect_close(const Tensor& got, const Floats& expected) {
  const Floats y = values<float>(got);
  ASSERT_EQ(y.size(), expected.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    EXPECT_NEAR(y[i], expected[i], 1e-6f + 1e-6f * std::abs(expected[i])) << "element " << i;
}

template <typename T>
T with_epsilon(double epsilon) {
  T op;
  op.epsilon = epsilon;
  return op;
}

TEST(BatchNorm, UsesTheGivenStatistics) {
  const std::vector<Tensor> inputs{two_maps(), pair_of(1, 2), pair_of(0.5f, -1), pair_of(0.25f, 1),
                                   pair_of(4, 0.25f)};
  expect_close(run(BatchNorm{}, inputs)[0], {-1.1249981f, -0.6249987f, -0.124999255f, 0.37500015f,
                                             -1, 2.99992f, 6.99984f, 10.99976f});
}

TEST(BatchNorm, Refusals) {
  const Tensor x = two_maps(), p = pair_of(1, 1), three = counting<float>({3});
  const auto op = make_op<BatchNorm>();
  expect_refusals({
      {op, {x, p, p, p}, kBad, "4 inputs where it takes 5"},
      {op, {x, p, p, three, p}, kBad, "the mean {3} does not have 2 elements"},
      {op, {p, p, p, p, p}, kBad, "needs {N,C,...}, but has {2}"},
      {op, {counting<std::int32_t>({1, 2}), p, p, p, p}, kBad, "must be float"},
      {make_op<BatchNorm>(with_epsilon<BatchNorm>(-1)), {x, p, p, p, p}, kBad, "epsilon -1"},
      {make_op<BatchNorm>(with_epsilon<BatchNorm>(std::numeric_limits<double>::quiet_NaN())),
       {x, p, p, p, p},
       kBad,
       "epsilon nan"},
  });
}

TEST(LayerNorm, GivesTheStatisticsToo) {
  const auto y = run(LayerNorm{}, {two_maps(), pair_of(1, 2), pair_of(0.5f, -1)});
  const float low = -0.49997997f, high = 0.99995995f;
  expect_close(y[0], {low, high, low, high, low, high, low, high});
  EXPECT_EQ(y[1].shape(), (Shape{1, 2, 2}));
  expect_close(y[1], {-2.5f, -0.5f, 1.5f, 3.5f});
  expect_close(y[2], {1.99996f, 1.99996f, 1.99996f, 1.99996f});
}

TEST(LayerNorm, SeveralAxesWithoutParameters) {
  LayerNorm op;
  op.axes = 2;
  const auto y = run(op, {two_maps()});
  EXPECT_EQ(y[1].shape(), (Shape{1, 2}));
  expect_close(y[1], {-1.5f, 2.5f});
  expect_close(y[2], {0.89442366f, 0.89442366f});
  EXPECT_FLOAT_EQ(values<float>(y[0])[0], -1.3416355f);
  op.keep_dims = true;
  EXPECT_EQ(infer(op, {two_maps()})[1].shape, (Shape{1, 2, 1, 1}));
}

TEST(LayerNorm, AComputedScalarIsNoAbsentWeight) {
  EXPECT_THROW(infer(LayerNorm{}, {two_maps(), tensor<float>({}, {1})}, {1}), Error);
}

TEST(LayerNorm, Refusals) {
  const auto over = [](std::int64_t axes) {
    LayerNorm op;
    op.axes = axes;
    return make_op<LayerNorm>(op);
  };
  expect_refusals({
      {over(0), {two_maps()}, kBad, "0 axes of {1,2,2,2}"},
      {over(5), {two_maps()}, kBad, "5 axes"},
      {over(1), {two_maps(), counting<float>({3})}, kBad, "the weight {3} does not have 2"},
      {over(1), {counting<float>({2, 0})}, kBad, "no elements are to be normalised"},
      {over(1), {tensor<float>({}, {1})}, kBad, "1 axes of {}"},
  });
}

TEST(InstanceNorm, NormalisesEachMap) {
  const auto y = run(InstanceNorm{}, {two_maps(), pair_of(1, 2), pair_of(0.5f, -1)});
  expect_close(y[0], {-0.84163547f, 0.05278814f, 0.9472118f, 1.8416355f, -3.683271f, -1.8944237f,
                      -0.105576515f, 1.6832709f});
}

TEST(InstanceNorm, Refusals) {
  expect_refusals({
      {make_op<InstanceNorm>(),
       {two_maps(), pair_of(1, 1), counting<float>({1})},
       kBad,
       "the bias {1} does not have 2"},
      {make_op<InstanceNorm>(), {two_maps()}, kBad, "1 inputs where it takes 3"},
  });
}

TEST(LocalResponseNorm, SumsOverNeighbouringChannels) {
  LocalResponseNorm op;
  op.size = 3;
  op.alpha = 1;
  op.bias = 2;
  const auto y = run(op, {counting<float>({1, 6, 1, 1})});
  expect_close(y[0], {0, 0.37739527f, 0.48205703f, 0.475238f, 0.44540995f, 0.6349471f});
}

TEST(LocalResponseNorm, AnEvenSizeTakesTheChannelBehind) {
  LocalResponseNorm op;
  op.size = 2;
  op.alpha = 2;
  op.beta = 1;
  op.bias = 0;
  expect_close(run(op, {tensor<float>({1, 3, 1}, {1, 2, 3})})[0], {1.0f / 5, 2.0f / 13, 1.0f / 3});
}

TEST(LocalResponseNorm, Refusals) {
  LocalResponseNorm none, many;
  none.size = 0;
  many.size = std::numeric_limits<std::int64_t>::max();
  expect_refusals({
      {make_op<LocalResponseNorm>(none), {two_maps()}, kBad, "over 0 channels"},
      {make_op<LocalResponseNorm>(many), {two_maps()}, kBad, "channels is not possible"},
      {make_op<LocalResponseNorm>(), {counting<float>({3})}, kBad, "{N,C,...}"},
  });
}

TEST(Normalisations, EmptyMapsGiveEmptyMaps) {
  const Tensor empty = counting<float>({2, 2, 0});
  EXPECT_EQ(run(InstanceNorm{}, {empty, pair_of(1, 1), pair_of(0, 0)})[0].shape(), empty.shape());
  EXPECT_EQ(run(LocalResponseNorm{}, {empty})[0].shape(), empty.shape());
}

}  // namespace
}  // namespace octet
