// Random problems against a loop written from the definition.
#include <gtest/gtest.h>

#include "ir/graph.hpp"
#include "ops/conv.hpp"
#include "ops/epilogue.hpp"
#include "ops/naive_conv.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

using testing::naive_sum;
using testing::Random;
using testing::run;

struct Case {
  Conv2d op;
  Tensor x, w, bias, z;
};

Quant random_activation_quant(Random& random, DType dtype) {
  const auto range = integer_range(dtype);
  const auto zero_point = static_cast<std::int32_t>(random.integer(range.lowest, range.highest));
  return Quant::per_tensor(random.real(0.01f, 0.2f), random.coin() ? zero_point : 0);
}

Quant random_filter_quant(Random& random, DType dtype, std::int64_t channels) {
  Quant quant = random_activation_quant(random, dtype);
  if (random.coin()) return quant;
  quant.axis = 0;
  quant.scales.clear();
  for (std::int64_t k = 0; k < channels; ++k) quant.scales.push_back(random.real(0.001f, 0.02f));
  if (!quant.zero_points.empty())
    for (std::int64_t k = 1; k < channels; ++k) quant.zero_points.push_back(quant.zero_points[0]);
  return quant;
}

Window2d random_window(Random& random) {
  Window2d window;
  for (auto& stride : window.stride) stride = random.integer(1, 3);
  for (auto& dilation : window.dilation) dilation = random.integer(1, 2);
  for (auto& pad : window.pad) pad = random.integer(0, 3);
  return window;
}

// Everything but the residual operand.
Case random_case(Random& random) {
  Case c;
  c.op.window = random_window(random);
  c.op.groups = random.pick<std::int64_t>({1, 1, 2, 3});
  c.op.flip_filter = random.coin();
  c.op.rule = random.pick({EpilogueRule::mge_dense, EpilogueRule::mge_packed,
                           EpilogueRule::mge_ratio, EpilogueRule::mge_naive, EpilogueRule::onnx});
  const std::int64_t inputs = c.op.groups * random.integer(1, 5);
  const std::int64_t channels = c.op.groups * random.integer(1, 4);
  const DType x_type = random.pick({DType::s8, DType::u8});
  const DType w_type = random.pick({DType::s8, DType::u8});
  c.x = random.tensor(x_type,
                      {random.integer(1, 3), inputs, random.integer(5, 12), random.integer(5, 40)},
                      random_activation_quant(random, x_type));
  c.w = random.tensor(w_type,
                      {channels, inputs / c.op.groups, random.integer(1, 3), random.integer(1, 3)},
                      random_filter_quant(random, w_type, channels));
  if (random.coin()) c.bias = random.tensor(DType::s32, {channels});
  return c;
}

std::int64_t expected_sum(const Case& c, const Shape& y, std::int64_t i) {
  const std::int64_t ow = i % y[3], oh = i / y[3] % y[2], k = i / (y[2] * y[3]) % y[1];
  const std::int64_t bias =
      c.bias.empty() ? 0 : c.bias.values<std::int32_t>()[static_cast<std::size_t>(k)];
  return bias + naive_sum(c.op, c.x, c.w, i / (y[1] * y[2] * y[3]), k, oh, ow);
}

TEST(Conv2dRandom, SumsEqualTheDefinition) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    Case c = random_case(random);
    c.op.output = {DType::s32, std::nullopt};
    const Tensor y = run(c.op, {c.x, c.w, c.bias})[0];
    const auto sums = y.values<std::int32_t>();
    for (std::size_t i = 0; i < sums.size(); ++i)
      ASSERT_EQ(sums[i], expected_sum(c, y.shape(), static_cast<std::int64_t>(i)))
          << "seed " << seed << ": " << to_text(c.op) << " at " << i;
  }
}

// v / scale rounded by the rule's own words, from the exact sum.
float expected_output(const Case& c, std::int64_t sum, std::int64_t bias, std::size_t k) {
  const float s_b = c.x.type().quant->scale() * c.w.type().quant->scale(k);
  const float s_y = c.op.output.quant->scale();
  const auto all = static_cast<float>(sum + bias);
  float q = 0.0f;
  switch (c.op.rule) {
    case EpilogueRule::mge_dense: {
      float v = static_cast<float>(sum) * s_b;
      if (!c.bias.empty()) v = v + static_cast<float>(bias) * s_b;
      q = std::trunc(v * (1.0f / s_y) + (v >= 0.0f ? 0.5f : -0.5f));
      break;
    }
    case EpilogueRule::mge_packed:
      q = std::trunc(all * s_b * (1.0f / s_y) + (all >= 0.0f ? 0.5f : -0.5f));
      break;
    case EpilogueRule::mge_ratio:
      q = std::trunc(all * (s_b / s_y) + (all >= 0.0f ? 0.5f : -0.5f));
      break;
    case EpilogueRule::mge_naive: q = std::round(all * s_b / s_y); break;
    case EpilogueRule::onnx: q = std::nearbyint(all * (s_b / s_y)); break;
  }
  const IntegerRange range = integer_range(c.op.output.dtype);
  return std::clamp(q + static_cast<float>(c.op.output.quant->zero_point()),
                    static_cast<float>(range.lowest), static_cast<float>(range.highest));
}

TEST(Conv2dRandom, QuantisedOutputsFollowTheRule) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    Random random(1000 + seed);
    Case c = random_case(random);
    const DType y_type = random.pick({DType::s8, DType::u8});
    c.op.output = {y_type, random_activation_quant(random, y_type)};
    c.op.output.quant->scales = {random.real(0.05f, 4.0f)};
    const Tensor y = run(c.op, {c.x, c.w, c.bias})[0];
    const std::int64_t plane = y.shape()[2] * y.shape()[3];
    for (std::int64_t i = 0; i < y.shape().elements(); ++i) {
      const auto k = static_cast<std::size_t>(i / plane % y.shape()[1]);
      const std::int64_t bias = c.bias.empty() ? 0 : c.bias.values<std::int32_t>()[k];
      const std::int64_t sum = expected_sum(c, y.shape(), i) - bias;
      ASSERT_EQ(static_cast<float>(testing::stored(y, i)), expected_output(c, sum, bias, k))
          << "seed " << seed << ": " << to_text(c.op) << " at " << i;
    }
  }
}

// A fused residual addition that is rounded twice gives the bits of the two operators it was.
TEST(Conv2dRandom, TwiceRoundedResidualsEqualConvolutionThenAddition) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Random random(2000 + seed);
    Case c = random_case(random);
    const QuantRule z_rule = c.op.rule == EpilogueRule::onnx ? QuantRule::onnx : QuantRule::mge;
    const DType mid_type = random.pick({DType::s8, DType::u8});
    const DType z_type = random.pick({DType::s8, DType::u8});
    Conv2d alone = c.op;
    alone.activation = {random.pick({ActivationKind::none, ActivationKind::relu})};
    alone.output = {mid_type, random_activation_quant(random, mid_type)};
    alone.output.quant->scales = {random.real(0.2f, 2.0f)};
    const Tensor q = run(alone, {c.x, c.w, c.bias})[0];
    c.z = random.tensor(z_type, q.shape(), random_activation_quant(random, z_type));

    Conv2d fused = c.op;
    fused.z_rounding = ZRounding::twice;
    fused.mid = alone.output;
    fused.mid_activation = alone.activation;
    fused.z_rule = z_rule;
    fused.activation = {random.pick({ActivationKind::none, ActivationKind::relu})};
    fused.output = {DType::s8, Quant::per_tensor(random.real(0.2f, 2.0f))};
    const Tensor y = run(fused, {c.x, c.w, c.bias, c.z})[0];

    const Quantiser quantise = Quantiser::make(fused.output, z_rule);
    const Quant &mid = *alone.output.quant, &z = *c.z.type().quant;
    for (std::int64_t i = 0; i < y.shape().elements(); ++i) {
      const auto real = [i](const Tensor& t, const Quant& quant) {
        return static_cast<float>(testing::stored(t, i) - quant.zero_point()) * quant.scale();
      };
      const float sum = real(q, mid) + real(c.z, z);
      ASSERT_EQ(testing::stored(y, i), quantise(activate(fused.activation, sum)))
          << "seed " << seed << ": " << to_text(fused) << " at " << i;
    }
  }
}

TEST(Conv2dRandom, FloatsEqualTheDefinition) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Random random(3000 + seed);
    Case c = random_case(random);
    c.op.output = {};
    // Small integers as floats: every sum is exact.
    const auto as_floats = [&](const Tensor& t) {
      Tensor out(TensorType{DType::f32, t.shape(), kNCHW, std::nullopt});
      for (std::int64_t i = 0; i < t.shape().elements(); ++i)
        out.mutable_values<float>()[static_cast<std::size_t>(i)] =
            static_cast<float>(testing::stored(t, i));
      return out;
    };
    const Tensor y = run(c.op, {as_floats(c.x), as_floats(c.w)})[0];
    c.bias = Tensor{};
    c.x = c.x.with_type(TensorType{c.x.dtype(), c.x.shape(), kNCHW, std::nullopt});
    c.w = c.w.with_type(TensorType{c.w.dtype(), c.w.shape(), kNCHW, std::nullopt});
    for (std::int64_t i = 0; i < y.shape().elements(); ++i)
      ASSERT_EQ(y.values<float>()[static_cast<std::size_t>(i)],
                static_cast<float>(expected_sum(c, y.shape(), i)))
          << "seed " << seed << ": " << to_text(c.op) << " at " << i;
  }
}

}  // namespace
}  // namespace octet
