#include "ops/elementwise.hpp"

#include <cmath>
#include <limits>

#include "base/format.hpp"
#include "ops/elementwise_modes.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;
using Mode = ElementwiseMode;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr auto kBad = StatusCode::invalid_model;

OpPtr plain(Mode mode, float alpha = 0, float beta = 0) {
  Elementwise op;
  op.mode = mode;
  op.alpha = alpha;
  op.beta = beta;
  return make_op<Elementwise>(op);
}

Tensor booleans(const std::vector<std::uint8_t>& values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return Tensor::from<std::uint8_t>({DType::boolean, shape, kNCHW, std::nullopt}, values);
}

Shape line(std::size_t length) { return Shape{static_cast<std::int64_t>(length)}; }

struct FloatCase {
  Mode mode;
  std::vector<float> operands;
  float expected;
  float alpha = 0, beta = 0;
};

// Once through evaluate() and, where the operator takes floats, once through it with the same bits.
void check(const FloatCase& c) {
  SCOPED_TRACE(concat(to_string(c.mode), " of ", join(c.operands)));
  const ModeTraits& traits = traits_of(c.mode);
  ASSERT_EQ(c.operands.size(), traits.operands);
  const OpPtr op = plain(c.mode, c.alpha, c.beta);
  const float got = evaluate(dynamic_cast<const Elementwise&>(*op), c.operands.data());
  if (std::isnan(c.expected)) {
    EXPECT_TRUE(std::isnan(got)) << got;
  } else {
    EXPECT_FLOAT_EQ(got, c.expected);
    EXPECT_EQ(std::signbit(got), std::signbit(c.expected));
  }
  if (!(traits.accepts & kFloats) || traits.gives_boolean || c.mode == Mode::where) return;
  std::vector<Tensor> inputs;
  for (const float value : c.operands) inputs.push_back(tensor<float>({1}, {value}));
  const float computed = values<float>(run(*op, inputs)[0])[0];
  EXPECT_TRUE(computed == got || (std::isnan(computed) && std::isnan(got))) << computed;
}

// Values of MegEngine 1.13 and ONNX Runtime where they agree; NaN and -0 as MegEngine.
const std::vector<FloatCase> kOfOneFloat{
    {Mode::identity, {-0.0f}, -0.0f},
    {Mode::abs, {-2.5f}, 2.5f},
    {Mode::acos, {0.5f}, 1.0471976f},
    {Mode::acosh, {2}, 1.316958f},
    {Mode::asin, {0.5f}, 0.5235988f},
    {Mode::asinh, {2}, 1.4436355f},
    {Mode::atan, {-1}, -0.7853982f},
    {Mode::atanh, {0.5f}, 0.54930615f},
    {Mode::ceil, {-1.5f}, -1},
    {Mode::cos, {1}, 0.5403023f},
    {Mode::cosh, {1}, 1.5430807f},
    {Mode::erf, {0.5f}, 0.5204999f},
    {Mode::exp, {1}, 2.7182817f},
    {Mode::expm1, {1e-3f}, 0.0010005002f},
    {Mode::floor, {-1.5f}, -2},
    {Mode::gelu, {-0.5f}, -0.15426877f},
    {Mode::gelu, {-100}, -0.0f},
    {Mode::h_sigmoid, {-2.5f}, 0.083333336f},
    {Mode::h_sigmoid, {9}, 1},
    {Mode::h_swish, {-2.5f}, -0.20833333f},
    {Mode::h_swish, {9}, 9},
    {Mode::h_swish, {-kInf}, kNan},
    {Mode::is_inf, {-kInf}, 1},
    {Mode::is_inf, {kNan}, 0},
    {Mode::is_nan, {kNan}, 1},
    {Mode::log, {2}, 0.6931472f},
    {Mode::log1p, {1e-3f}, 0.0009995003f},
    {Mode::logical_not, {2}, 0},
    {Mode::negate, {0}, -0.0f},
    {Mode::reciprocal, {4}, 0.25f},
    {Mode::relu, {kNan}, 0},
    {Mode::relu, {-0.0f}, 0.0f},
    {Mode::relu6, {7}, 6},
    {Mode::relu6, {-7}, 0},
    {Mode::round, {-2.5f}, -3},
    {Mode::round, {0.49999997f}, 0},
    {Mode::round_even, {-2.5f}, -2},
    {Mode::round_even, {3.5f}, 4},
    {Mode::sigmoid, {-2.5f}, 0.075858176f},
    {Mode::sigmoid, {-100}, 0},
    {Mode::sign, {-3}, -1},
    {Mode::sign, {kNan}, 0},
    {Mode::silu, {-0.5f}, -0.18877034f},
    {Mode::silu, {-100}, -0.0f},
    {Mode::sin, {1}, 0.84147096f},
    {Mode::sinh, {1}, 1.1752012f},
    {Mode::softplus, {-0.5f}, 0.474077f},
    {Mode::softplus, {100}, 100},
    {Mode::softsign, {-7.5f}, -0.88235295f},
    {Mode::sqrt, {2}, 1.4142135f},
    {Mode::sqrt, {-1}, kNan},
    {Mode::square, {-1.5f}, 2.25f},
    {Mode::tan, {1}, 1.5574077f},
    {Mode::tanh, {0.5f}, 0.46211717f},
    {Mode::mish, {-2.5f}, -0.19681619f},
    {Mode::mish, {1.5f}, 1.4033782f},
    {Mode::elu, {-2.5f}, -0.917915f, 1},
    {Mode::elu, {2.5f}, 2.5f, 1},
    {Mode::selu, {-2.5f}, -1.6137857f, 1.6732632f, 1.050701f},
    {Mode::celu, {-2.5f}, -1.4269904f, 2},
    {Mode::leaky_relu, {-2.5f}, -0.25f, 0.1f},
    {Mode::thresholded_relu, {1}, 0, 1},
    {Mode::thresholded_relu, {1.5f}, 1.5f, 1},
    {Mode::hard_sigmoid, {-0.5f}, 0.4f, 0.2f, 0.5f},
    {Mode::clip, {5}, 2, -1, 2},
    {Mode::clip, {kNan}, kNan, -1, 2},
    {Mode::clip, {0}, 1, 3, 1},
};

TEST(Elementwise, FunctionsOfOneFloat) {
  for (const FloatCase& c : kOfOneFloat) check(c);
}

const std::vector<FloatCase> kOfSeveralFloats{
    {Mode::add, {1, 2}, 3},
    {Mode::sub, {1, 2}, -1},
    {Mode::mul, {3, 2}, 6},
    {Mode::div, {1, 0}, kInf},
    {Mode::floor_div, {-7, 2}, -4},
    {Mode::min, {kNan, 1}, kNan},
    {Mode::min, {2, 1}, 1},
    {Mode::max, {1, kNan}, kNan},
    {Mode::max, {2, 1}, 2},
    {Mode::mod, {-7, 2}, -1},
    {Mode::mod, {5, 0}, kNan},
    {Mode::fmod, {-7.5f, 2}, -1.5f},
    {Mode::pow, {-2, 3}, -8},
    {Mode::atan2, {-1, -1}, -2.3561945f},
    {Mode::log_sum_exp, {7, 2}, 7.0067153f},
    {Mode::log_sum_exp, {kInf, kInf}, kInf},
    {Mode::log_sum_exp, {-kInf, -kInf}, -kInf},
    {Mode::prelu, {-7, 2}, -14},
    {Mode::prelu, {7, 2}, 7},
    {Mode::equal, {1, 1}, 1},
    {Mode::not_equal, {kNan, kNan}, 1},
    {Mode::less, {1, 2}, 1},
    {Mode::less_equal, {2, 2}, 1},
    {Mode::greater, {kNan, 2}, 0},
    {Mode::greater_equal, {2, 3}, 0},
    {Mode::logical_and, {1, 0}, 0},
    {Mode::logical_or, {1, 0}, 1},
    {Mode::logical_xor, {1, 1}, 0},
    {Mode::shift_left, {1, 1}, kNan},
    {Mode::shift_right, {1, 1}, kNan},
    {Mode::add_relu, {1, -2}, 0},
    {Mode::add_sigmoid, {-3, 0.5f}, 0.075858176f},
    {Mode::add_tanh, {0.25f, 0.25f}, 0.46211717f},
    {Mode::add_h_swish, {-3, 0.5f}, -0.20833333f},
    {Mode::mul_add3, {2, 3, 4}, 10},
    {Mode::mul_add4, {2, 3, 4, 5}, 26},
    {Mode::where, {1, 2, 3}, 2},
    {Mode::cond_leq_mov, {2, 2, 7}, 7},
    {Mode::cond_lt_mov, {2, 2, 7}, 0},
    {Mode::switch_gt0, {1, 7}, 7},
    {Mode::switch_gt0, {0, 7}, 0},
};

TEST(Elementwise, FunctionsOfSeveralFloats) {
  for (const FloatCase& c : kOfSeveralFloats) check(c);
}

TEST(Elementwise, RoundsProductAndSumSeparately) {
  const std::vector<Tensor> inputs{tensor<float>({1}, {1.0f + 0x1p-12f}),
                                   tensor<float>({1}, {1.0f + 0x1p-12f}),
                                   tensor<float>({1}, {-1.0f})};
  EXPECT_EQ(values<float>(run(*plain(Mode::mul_add3), inputs)[0])[0], 0x1p-11f);  // fma: + 2^-24
}

struct IntegerCase {
  Mode mode;
  std::vector<std::vector<std::int32_t>> operands;
  std::vector<std::int32_t> expected;
};

TEST(Elementwise, IntegersOfThirtyTwoBits) {
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
  const std::vector<IntegerCase> cases{
      {Mode::add, {{kHighest, 1}, {1, 2}}, {kLowest, 3}},
      {Mode::mul, {{65536, 3}, {65536, -2}}, {0, -6}},
      {Mode::div, {{7, -7, 7, -7, 5, kLowest}, {2, 2, -2, -2, 0, -1}}, {3, -3, -3, 3, 0, kLowest}},
      {Mode::floor_div, {{7, -7, 7, -7, 0}, {2, 2, -2, -2, 3}}, {3, -4, -4, 3, 0}},
      {Mode::mod, {{7, -7, 7, -7, 5}, {2, 2, -2, -2, 0}}, {1, 1, -1, -1, 0}},
      {Mode::fmod, {{7, -7, 7, -7, kLowest}, {2, 2, -2, -2, -1}}, {1, -1, 1, -1, 0}},
      {Mode::pow, {{7, -7, 7, -1, 2, 0}, {2, 3, 0, -3, -1, -1}}, {49, -343, 1, -1, 0, 0}},
      {Mode::shift_left, {{7, 1, 1, 3}, {2, 31, 32, 70}}, {28, kLowest, 0, 0}},
      {Mode::shift_right, {{7, -7, -7, -7}, {2, 1, 64, -1}}, {1, -4, -1, -1}},
      {Mode::abs, {{-3, kLowest}}, {3, kLowest}},
      {Mode::negate, {{-3, 4}}, {3, -4}},
      {Mode::sign, {{-3, 0, 9}}, {-1, 0, 1}},
      {Mode::relu, {{-3, 5}}, {0, 5}},
      {Mode::max, {{1, -1}, {0, 5}}, {1, 5}},
      {Mode::switch_gt0, {{1, -1}, {8, 9}}, {8, 0}},
      {Mode::mul_add3, {{2}, {3}, {4}}, {10}},
  };
  for (const IntegerCase& c : cases) {
    std::vector<Tensor> inputs;
    for (const auto& operand : c.operands)
      inputs.push_back(tensor<std::int32_t>(line(operand.size()), operand));
    EXPECT_EQ(values<std::int32_t>(run(*plain(c.mode), inputs)[0]), c.expected)
        << to_string(c.mode);
  }
}

TEST(Elementwise, OtherIntegerTypesKeepTheirWidth) {
  const Tensor bytes = tensor<std::uint8_t>({4}, {1, 255, 3, 128});
  const Tensor amounts = tensor<std::uint8_t>({4}, {1, 9, 33, 0});
  EXPECT_EQ(values<std::uint8_t>(run(*plain(Mode::shift_left), {bytes, amounts})[0]),
            (std::vector<std::uint8_t>{2, 0, 0, 128}));
  const TensorType wide{DType::u64, Shape{2}, kNCHW, std::nullopt};
  const std::uint64_t high = std::uint64_t{1} << 63;
  const Tensor a = Tensor::from<std::uint64_t>(wide, std::array{high, high}),
               b = Tensor::from<std::uint64_t>(wide, std::array{std::uint64_t{3}, high - 1});
  EXPECT_EQ(values<std::uint64_t>(run(*plain(Mode::div), {a, b})[0])[0], high / 3);
  EXPECT_EQ(values<std::uint8_t>(run(*plain(Mode::greater), {a, b})[0]),
            (std::vector<std::uint8_t>{1, 1}));
  const Tensor doubles = tensor<double>({1}, {1.0 + 0x1p-40});
  EXPECT_EQ(values<double>(run(*plain(Mode::square), {doubles})[0])[0],
            (1.0 + 0x1p-40) * (1.0 + 0x1p-40));
}

TEST(Elementwise, HalfFloatsAreComputedInBinary32) {
  const TensorType half{DType::f16, Shape{2}, kNCHW, std::nullopt};
  const Tensor x = Tensor::from<std::uint16_t>(half, std::array<std::uint16_t, 2>{0x3c00, 0x7bff});
  EXPECT_EQ(values<std::uint16_t>(run(*plain(Mode::add), {x, x})[0]),
            (std::vector<std::uint16_t>{0x4000, 0x7c00}));
}

TEST(Elementwise, ClipOfIntegersSaturatesItsBounds) {
  const Tensor x = tensor<std::int32_t>({3}, {-5, 7, 2147483647});
  EXPECT_EQ(values<std::int32_t>(run(*plain(Mode::clip, -kInf, 3e38f), {x})[0]),
            (std::vector<std::int32_t>{-5, 7, 2147483647}));
  EXPECT_EQ(values<std::int32_t>(run(*plain(Mode::clip, -1, 7), {x})[0]),
            (std::vector<std::int32_t>{-1, 7, 7}));
}

TEST(Elementwise, BooleansCompareAndSelect) {
  const Tensor a = booleans({0, 1, 1}), b = booleans({1, 1, 0});
  EXPECT_EQ(values<std::uint8_t>(run(*plain(Mode::logical_xor), {a, b})[0]),
            (std::vector<std::uint8_t>{1, 0, 1}));
  EXPECT_EQ(values<std::uint8_t>(run(*plain(Mode::equal), {a, b})[0]),
            (std::vector<std::uint8_t>{0, 1, 0}));
  const Tensor x = tensor<float>({3}, {1, 2, 3}), y = tensor<float>({1}, {9});
  EXPECT_EQ(values<float>(run(*plain(Mode::where), {a, x, y})[0]), (std::vector<float>{9, 2, 3}));
}

TEST(Elementwise, ComparisonsGiveBooleanOrTheTypeAskedFor) {
  Elementwise op;
  op.mode = Mode::less;
  const Tensor a = tensor<std::int32_t>({2}, {1, 5}), b = tensor<std::int32_t>({1}, {3});
  EXPECT_EQ(infer(op, {a, b})[0].dtype, DType::boolean);
  op.output = OutputSpec{DType::s32, std::nullopt};
  EXPECT_EQ(values<std::int32_t>(run(op, {a, b})[0]), (std::vector<std::int32_t>{1, 0}));
}

TEST(Elementwise, PowTakesAnExponentOfAnotherType) {
  const Tensor base = tensor<float>({2}, {-1.5f, 3}), exponent = tensor<std::int64_t>({1}, {2});
  EXPECT_EQ(values<float>(run(*plain(Mode::pow), {base, exponent})[0]),
            (std::vector<float>{2.25f, 9}));
}

TEST(Elementwise, Refusals) {
  const Tensor f = counting<float>({2, 3}), i = counting<std::int32_t>({2, 3}),
               d = counting<double>({2, 3}), b = booleans({1});
  const Tensor tall = counting<float>({1 << 17, 1}), wide = counting<float>({1, 1 << 17});
  expect_refusals({
      {plain(Mode::add), {f}, kBad, "1 inputs where it takes 2"},
      {plain(Mode::exp), {i}, kBad, "exp does not take s32{2,3}"},
      {plain(Mode::shift_left), {f, f}, kBad, "shift_left does not take f32{2,3}"},
      {plain(Mode::logical_and), {f, f}, kBad, "logical_and does not take f32"},
      {plain(Mode::add), {b, b}, kBad, "add does not take bool{1}"},
      {plain(Mode::add), {f, d}, kBad, "operands of one type, but has f32{2,3} and f64{2,3}"},
      {plain(Mode::pow), {i, f}, kBad, "operands of one type"},
      {plain(Mode::where), {f, f, f}, kBad, "boolean condition"},
      {plain(Mode::add), {f, counting<float>({4})}, kBad, "{2,3} and {4} do not broadcast"},
      {plain(Mode::add), {tall, wide}, StatusCode::resource_exhausted, "{131072,131072}"},
  });
}

TEST(Elementwise, NamesEveryMode) {
  for (int i = 0; i <= static_cast<int>(Mode::switch_gt0); ++i) {
    const auto mode = static_cast<Mode>(i);
    EXPECT_FALSE(to_string(mode).empty());
    EXPECT_GE(operand_count(mode), 1);
    EXPECT_LE(operand_count(mode), 4);
  }
}

}  // namespace
}  // namespace octet
