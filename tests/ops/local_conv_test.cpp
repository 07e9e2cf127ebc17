// Convolutions with a filter per image, per output position or per region.
#include <gtest/gtest.h>

#include "ops/conv.hpp"
#include "ops/naive_conv.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

using testing::counting;
using testing::expect_refusals;
using testing::Random;
using testing::run;
using testing::tensor;
using testing::values;

const Quant kUnit = Quant::per_tensor(1.0f);
const OutputSpec kSums{DType::s32, std::nullopt};

// Element type s8, copied from `from` on.
Tensor part(const Tensor& t, const Shape& shape, std::int64_t from) {
  Tensor out(TensorType{t.dtype(), shape, kNCHW, t.type().quant});
  std::copy_n(t.data() + from, out.bytes(), out.mutable_data());
  return out;
}

TEST(BatchConv2d, IsAConvolutionForEachImage) {
  Random random(1);
  BatchConv2d op;
  op.window.pad = {1, 0, 1, 2};
  op.window.stride = {2, 1};
  op.groups = 2;
  op.activation = {ActivationKind::relu};
  op.output = {DType::s8, Quant::per_tensor(3.0f)};
  const Tensor x = random.tensor(DType::s8, {3, 4, 7, 6}, Quant::per_tensor(0.1f));
  const Tensor w = random.tensor(DType::s8, {3, 6, 2, 3, 3}, Quant::per_tensor(0.2f));
  const Tensor bias = random.tensor(DType::s32, {1, 6, 1, 1}, Quant::per_tensor(0.1f * 0.2f));
  const Tensor y = run(op, {x, w, bias})[0];
  Conv2d single;
  single.window = op.window;
  single.groups = op.groups;
  single.activation = op.activation;
  single.output = op.output;
  single.rule = op.rule;
  for (std::int64_t n = 0; n < 3; ++n) {
    const Tensor image = part(x, {1, 4, 7, 6}, n * 4 * 7 * 6);
    const Tensor filter = part(w, {6, 2, 3, 3}, n * 6 * 2 * 9);
    const Tensor expected = run(single, {image, filter, bias})[0];
    const auto bytes = static_cast<std::int64_t>(expected.bytes());
    EXPECT_TRUE(std::equal(expected.data(), expected.data() + bytes, y.data() + n * bytes));
  }
}

TEST(BatchConv2d, AddsTheResidualOnce) {
  BatchConv2d op;
  op.rule = EpilogueRule::mge_packed;
  op.output = {DType::s8, Quant::per_tensor(2.0f)};
  const Tensor x = tensor<std::int8_t>({2, 1, 1, 1}, {3, 3}, Quant::per_tensor(0.5f));
  const Tensor w = tensor<std::int8_t>({2, 1, 1, 1, 1}, {1, -1}, kUnit);
  const Tensor z = tensor<std::int8_t>({2, 1, 1, 1}, {1, 1}, kUnit);
  EXPECT_EQ(values<std::int8_t>(run(op, {x, w, Tensor{}, z})[0]), (std::vector<std::int8_t>{1, 0}));
}

TEST(BatchConv2d, Refusals) {
  BatchConv2d sums;
  sums.output = kSums;
  Quant per_channel = kUnit;
  per_channel.axis = 1;
  per_channel.scales = {1.0f, 2.0f};
  const auto op = make_op<BatchConv2d>(sums);
  const Tensor x = counting<std::int8_t>({2, 1, 3, 3}, kUnit);
  const StatusCode bad = StatusCode::invalid_model;
  expect_refusals({
      {op, {x}, bad, "1 input"},
      {op, {x, counting<std::int8_t>({2, 1, 2, 2}, kUnit)}, bad, "{N,K,C/G,R,S}"},
      {op, {x, counting<std::int8_t>({3, 1, 1, 2, 2}, kUnit)}, bad, "filters for 3 images"},
      {op,
       {counting<std::int8_t>({2, 3}, kUnit), counting<std::int8_t>({2, 1, 1, 2, 2}, kUnit)},
       bad,
       "{N,C,H,W}"},
      {op,
       {x, counting<std::int8_t>({2, 2, 1, 2, 2}, per_channel)},
       StatusCode::unsupported,
       "scale per channel"},
      {op, {x, counting<std::int8_t>({2, 1, 2, 2, 2}, kUnit)}, bad, "has 2 input channels"},
  });
}

TEST(GroupLocal, EveryPositionHasItsFilter) {
  GroupLocal op;
  const Tensor x = tensor<float>({1, 1, 1, 3}, {1, 2, 3});
  const Tensor w = tensor<float>({1, 1, 2, 1, 1, 2, 2}, {1, 10, 2, 20, 3, 30, 4, 40});
  // Position 0: taps 1 and 2 of x with {1,10} and {2,20}; position 1: 2 and 3 with {3,30}, {4,40}.
  EXPECT_EQ(values<float>(run(op, {x, w})[0]), (std::vector<float>{5, 18, 50, 180}));
  op.flip_filter = true;
  EXPECT_EQ(values<float>(run(op, {x, w})[0]), (std::vector<float>{4, 17, 40, 170}));
}

// With the same filter everywhere it is the ordinary convolution.
TEST(GroupLocalRandom, EqualsTheConvolutionWhereFiltersAgree) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    Conv2d conv;
    conv.output = {DType::s8, Quant::per_tensor(random.real(5.0f, 50.0f))};
    conv.rule = EpilogueRule::mge_ratio;
    conv.groups = random.pick<std::int64_t>({1, 2});
    for (auto& stride : conv.window.stride) stride = random.integer(1, 2);
    for (auto& pad : conv.window.pad) pad = random.integer(0, 2);
    const std::int64_t c = random.integer(1, 3), k = random.integer(1, 3), g = conv.groups;
    const std::int64_t r = random.integer(1, 3), s = random.integer(1, 3);
    const Tensor x = random.tensor(DType::u8, {2, g * c, 5, 6}, Quant::per_tensor(1.0f, 9));
    const Tensor w = random.tensor(DType::s8, {g * k, c, r, s}, kUnit);
    const Tensor expected = run(conv, {x, w})[0];

    const Shape& y = expected.shape();
    Tensor local(TensorType{DType::s8, {g, y[2], y[3], c, r, s, k}, kNCHW, kUnit});
    for (std::int64_t i = 0; i < local.shape().elements(); ++i) {
      const std::int64_t group = i / (y[2] * y[3] * c * r * s * k);
      const std::int64_t tap = i / k % (c * r * s);
      local.mutable_values<std::int8_t>()[static_cast<std::size_t>(i)] =
          static_cast<std::int8_t>(testing::stored(w, (group * k + i % k) * c * r * s + tap));
    }
    GroupLocal op;
    op.window = conv.window;
    op.output = conv.output;
    EXPECT_EQ(values<std::int8_t>(run(op, {x, local})[0]), values<std::int8_t>(expected))
        << "seed " << seed;
  }
}

TEST(LocalShare, RegionsShareAFilter) {
  const Tensor x = counting<float>({1, 1, 2, 4});
  const Tensor w = tensor<float>({1, 1, 2, 1, 1, 1, 1}, {1, -1});
  EXPECT_EQ(values<float>(run(LocalShare{}, {x, w})[0]),
            (std::vector<float>{0, 1, -2, -3, 4, 5, -6, -7}));
}

TEST(LocalConvolutions, Refusals) {
  GroupLocal integers;
  integers.output = kSums;
  GroupLocal zero_stride;
  zero_stride.window.stride = {0, 1};
  const auto local = make_op<GroupLocal>(), share = make_op<LocalShare>();
  const Tensor x = counting<float>({1, 2, 2, 4});
  const auto w = [](const Shape& shape) { return counting<float>(shape); };
  const Tensor bytes = counting<std::int8_t>({1, 2, 2, 4}, kUnit);
  Quant per_channel = kUnit;
  per_channel.axis = 6;
  per_channel.scales = {1.0f, 2.0f};
  const StatusCode bad = StatusCode::invalid_model;
  expect_refusals({
      {local, {x}, bad, "1 input"},
      {local, {x, w({1, 2, 4, 2, 1, 1})}, bad, "{G,rows,columns,C/G,R,S,K/G}"},
      {local, {counting<float>({2, 2, 4}), w({1, 2, 4, 2, 1, 1, 1})}, bad, "{N,C,H,W}"},
      {local, {x, w({1, 1, 4, 2, 1, 1, 1})}, bad, "has filters for 1 x 4 positions"},
      {local, {x, w({1, 2, 4, 3, 1, 1, 1})}, bad, "is not for 2 input channels"},
      {local, {x, w({0, 2, 4, 2, 1, 1, 1})}, bad, "nothing to compute"},
      {local, {x, w({1, 0, 4, 2, 1, 1, 1})}, bad, "does not divide the 2 x 4"},
      {local, {x, w({1, 2, 4, 2, 0, 1, 1})}, bad, "kernel extent 0"},
      {make_op<GroupLocal>(zero_stride), {x, w({1, 2, 4, 2, 1, 1, 1})}, bad, "stride 0"},
      {local, {bytes, w({1, 2, 4, 2, 1, 1, 1})}, StatusCode::unsupported, "weight is f32"},
      {make_op<GroupLocal>(integers),
       {bytes, counting<std::int8_t>({1, 2, 4, 2, 1, 1, 2}, per_channel)},
       StatusCode::unsupported,
       "not supported here"},
      {make_op<GroupLocal>(integers), {x, w({1, 2, 4, 2, 1, 1, 1})}, bad, "s32 instead of f32"},
      {share, {x, w({1, 2, 3, 2, 1, 1, 1})}, bad, "does not divide the 2 x 4"},
      {share, {bytes, bytes}, StatusCode::unsupported, "works on f32"},
  });
}

}  // namespace
}  // namespace octet
