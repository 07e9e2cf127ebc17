// Elementwise functions on quantised operands: rounding rules, ties, stored integers, tables.
#include <random>

#include "ops/elementwise.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;
using Mode = ElementwiseMode;
using Bytes = std::vector<std::int8_t>;

Quant scale(float s, std::int32_t zero_point = 0) { return Quant::per_tensor(s, zero_point); }

Elementwise quantised(Mode mode, Quant output, QuantRule rule = QuantRule::mge,
                      DType dtype = DType::s8) {
  Elementwise op;
  op.mode = mode;
  op.output = OutputSpec{dtype, std::move(output)};
  op.rule = rule;
  return op;
}

struct TieCase {
  QuantRule rule;
  Bytes expected;
};

// Sums at half steps of the output: away from zero for MegEngine, to even for ONNX.
TEST(ElementwiseQuantised, TiesFollowTheRule) {
  const Tensor a = tensor<std::int8_t>({6}, {1, 3, 5, -1, -3, 127}, scale(1.0f));
  const Tensor b = tensor<std::int8_t>({1}, {0}, scale(1.0f));
  for (const TieCase& c : {TieCase{QuantRule::mge, {1, 2, 3, -1, -2, 64}},
                           TieCase{QuantRule::mge_division, {1, 2, 3, -1, -2, 64}},
                           TieCase{QuantRule::onnx, {0, 2, 2, 0, -2, 64}}})
    EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::add, scale(2.0f), c.rule), {a, b})[0]),
              c.expected)
        << to_string(c.rule);
}

// Results of MegEngine 1.13 where the reciprocal and the division part: cond_leq_mov has no
// optimised kernel there, add has one.
TEST(ElementwiseQuantised, MegEngineDividesWhereItHasNoKernel) {
  const float s = 0.14733437f, sy = 0.29466873f;
  const Tensor low = tensor<std::int8_t>({3}, {-21, -108, -11}, scale(s)),
               high = tensor<std::int8_t>({3}, {0, -50, 108}, scale(s)),
               x = tensor<std::int8_t>({3}, {-101, 119, -47}, scale(s)),
               zero = tensor<std::int8_t>({1}, {0}, scale(s));
  const auto moved = quantised(Mode::cond_leq_mov, scale(sy), QuantRule::mge_division);
  EXPECT_EQ(values<std::int8_t>(run(moved, {low, high, x})[0]), (Bytes{-51, 60, -24}));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::add, scale(sy)), {x, zero})[0]),
            (Bytes{-50, 59, -23}));
}

// Which operators MegEngine 1.13 has an optimised kernel for, as near ties told.
TEST(ElementwiseQuantised, MegEngineHasKernelsForSomeTypesAndShapes) {
  const auto rule = [](Mode mode, const std::vector<Shape>& shapes, DType in = DType::s8,
                       DType out = DType::s8) {
    std::vector<TensorType> operands;
    for (const Shape& shape : shapes)
      operands.push_back({in, shape, kNCHW, Quant::per_tensor(0.1f)});
    return mge_rule(mode, operands, out);
  };
  constexpr auto kKernel = QuantRule::mge, kNone = QuantRule::mge_division;
  const Shape whole{2, 3, 5, 7};
  EXPECT_EQ(rule(Mode::cond_leq_mov, {whole, whole, whole}), kNone);
  for (const Shape& shape :
       {whole, {1, 3, 1, 1}, {2, 3, 1, 1}, {2, 1, 1, 1}, {1, 1, 5, 1}, {2, 3, 5, 1}, {1}}) {
    EXPECT_EQ(rule(Mode::add, {whole, shape}), kKernel) << shape.to_string();
    EXPECT_EQ(rule(Mode::add, {shape, whole}), kKernel) << shape.to_string();
  }
  for (const Shape& shape :
       {{7}, {1, 1, 5, 7}, {1, 3, 5, 7}, {2, 1, 5, 7}, {2, 1, 5, 1}, Shape{2, 3, 1, 7}})
    EXPECT_EQ(rule(Mode::mul, {whole, shape}), kNone) << shape.to_string();
  EXPECT_EQ(rule(Mode::add, {{2, 8, 1, 1}, {1, 8, 1, 1}}), kNone);
  EXPECT_EQ(rule(Mode::add, {{2, 8, 1, 1}, {1, 1, 5, 7}}), kNone);

  EXPECT_EQ(rule(Mode::add, {whole, whole}, DType::s8, DType::u8), kNone);
  EXPECT_EQ(rule(Mode::add, {whole, whole}, DType::s32, DType::s8), kKernel);
  EXPECT_EQ(rule(Mode::mul, {whole, whole}, DType::s32, DType::s8), kNone);
  EXPECT_EQ(rule(Mode::relu, {whole}, DType::s32, DType::u8), kKernel);
  EXPECT_EQ(rule(Mode::abs, {whole}, DType::s32, DType::s8), kNone);
  EXPECT_EQ(rule(Mode::tanh, {whole}, DType::u8, DType::u8), kKernel);

  const Shape channel{1, 3, 1, 1};
  EXPECT_EQ(rule(Mode::mul_add3, {whole, whole, {1}}), kKernel);
  EXPECT_EQ(rule(Mode::mul_add3, {channel, whole, channel}), kKernel);
  EXPECT_EQ(rule(Mode::mul_add3, {whole, channel, channel}), kNone);
  EXPECT_EQ(rule(Mode::mul_add3, {whole, {1}, whole}), kNone);
}

TEST(ElementwiseQuantised, OperandsAreScaledOneByOne) {
  const Tensor a = tensor<std::int8_t>({2}, {100, -128}, scale(0.02f));
  const Tensor b = tensor<std::int8_t>({2}, {-50, -128}, scale(0.03f));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::add, scale(0.05f)), {a, b})[0]),
            (Bytes{10, -128}));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::mul, scale(0.05f)), {a, b})[0]),
            (Bytes{-60, 127}));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::add_relu, scale(0.05f)), {b, b})[0]),
            (Bytes{0, 0}));
}

TEST(ElementwiseQuantised, ZeroPointsOfBothSides) {
  const Tensor a = tensor<std::uint8_t>({3}, {128, 0, 255}, scale(0.5f, 128));
  const Tensor b = tensor<std::uint8_t>({3}, {10, 10, 10}, scale(0.25f, 2));
  const auto op = quantised(Mode::add, scale(1.0f, 7), QuantRule::onnx, DType::u8);
  EXPECT_EQ(values<std::uint8_t>(run(op, {a, b})[0]), (std::vector<std::uint8_t>{9, 0, 73}));
}

TEST(ElementwiseQuantised, FloatOperandsAndResultsMix) {
  const Tensor a = tensor<std::int8_t>({2}, {4, -4}, scale(0.5f));
  const Tensor b = tensor<float>({1}, {0.25f});
  Elementwise op = quantised(Mode::add, scale(0.25f));
  EXPECT_EQ(values<std::int8_t>(run(op, {a, b})[0]), (Bytes{9, -7}));
  op.output = OutputSpec{DType::f32, std::nullopt};
  EXPECT_EQ(values<float>(run(op, {a, b})[0]), (std::vector<float>{2.25f, -1.75f}));
}

TEST(ElementwiseQuantised, StoredIntegersWithoutOutputType) {
  Elementwise op;
  const Tensor sums = tensor<std::int32_t>({3}, {2147483647, -7, 5}, scale(1e-4f));
  const Tensor bias = tensor<std::int32_t>({1}, {3}, scale(1e-4f * (1 + 1e-6f)));
  op.mode = Mode::add;
  const Tensor y = run(op, {sums, bias})[0];
  EXPECT_EQ(values<std::int32_t>(y), (std::vector<std::int32_t>{-2147483646, -4, 8}));
  EXPECT_EQ(y.type().quant->scale(), 1e-4f);

  op.mode = Mode::relu;
  const Tensor x = tensor<std::uint8_t>({3}, {0, 100, 255}, scale(0.1f, 90));
  const Tensor relu = run(op, {x})[0];
  EXPECT_EQ(values<std::uint8_t>(relu), (std::vector<std::uint8_t>{90, 100, 255}));
  EXPECT_EQ(relu.type().quant, x.type().quant);
}

TEST(ElementwiseQuantised, MaxOfEqualScalesIsTheIntegersMax) {
  const Tensor a = tensor<std::int8_t>({3}, {-128, 5, 127}, scale(0.037f));
  const Tensor b = tensor<std::int8_t>({3}, {-127, 4, 126}, scale(0.037f));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::max, scale(0.037f)), {a, b})[0]),
            (Bytes{-127, 5, 127}));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::min, scale(0.074f)), {a, b})[0]),
            (Bytes{-64, 2, 63}));
}

TEST(ElementwiseQuantised, TheTableGivesWhatSingleElementsGive) {
  const auto op = quantised(Mode::sigmoid, scale(1.0f / 256, 3), QuantRule::onnx, DType::u8);
  std::vector<std::int8_t> all(1000);
  std::mt19937 random(1);
  for (auto& value : all) value = static_cast<std::int8_t>(random());
  const Tensor x = tensor<std::int8_t>({1000}, all, scale(0.05f));
  const auto y = values<std::uint8_t>(run(op, {x})[0]);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Tensor one = tensor<std::int8_t>({1}, {all[i]}, scale(0.05f));
    EXPECT_EQ(y[i], values<std::uint8_t>(run(op, {one})[0])[0]) << int{all[i]};
  }
  const auto table = lookup_table(op, x.type(), infer(op, {x})[0]);
  EXPECT_EQ(table[static_cast<std::uint8_t>(all[0])], y[0]);
}

TEST(ElementwiseQuantised, NanBecomesTheLowestValue) {
  const Tensor x = tensor<std::int8_t>({2}, {-1, 4}, scale(1.0f));
  EXPECT_EQ(values<std::int8_t>(run(quantised(Mode::sqrt, scale(1.0f)), {x})[0]), (Bytes{-128, 2}));
}

TEST(ElementwiseQuantised, Refusals) {
  Elementwise sum;
  sum.mode = Mode::mul;
  Quant per_channel = scale(0.5f);
  per_channel.scales = {0.5f, 0.25f};
  per_channel.axis = 0;
  const Tensor a = tensor<std::int8_t>({2}, {1, 2}, scale(0.5f)),
               integers = tensor<std::int8_t>({2}, {1, 2}),
               channels = tensor<std::int8_t>({2}, {1, 2}, per_channel),
               sums = tensor<std::int32_t>({2}, {1, 2}, scale(0.5f));
  const auto add = make_op<Elementwise>(quantised(Mode::add, scale(1.0f)));
  const auto to_integer = [] {
    Elementwise op = quantised(Mode::add, scale(1.0f));
    op.output->quant.reset();
    return op;
  }();
  Elementwise unlike;
  unlike.mode = Mode::add;
  expect_refusals({
      {make_op<Elementwise>(sum),
       {a, a},
       StatusCode::invalid_model,
       "needs the type of its output"},
      {make_op<Elementwise>(unlike), {a, sums}, StatusCode::invalid_model, "needs the type"},
      {add, {a, integers}, StatusCode::unsupported, "mix quantised values with s8{2}"},
      {add, {a, channels}, StatusCode::unsupported, "one scale"},
      {make_op<Elementwise>(to_integer), {a, a}, StatusCode::unsupported, "plain s8"},
      {make_op<Elementwise>(quantised(Mode::add, scale(-1.0f))),
       {a, a},
       StatusCode::invalid_model,
       "scale"},
      {make_op<Elementwise>(quantised(Mode::shift_left, scale(1.0f))),
       {a, a},
       StatusCode::invalid_model,
       "shift_left does not take"},
  });
}

}  // namespace
}  // namespace octet
