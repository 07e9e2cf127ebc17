#include <gtest/gtest.h>

#include "ops/matmul.hpp"
#include "ops/naive_conv.hpp"
#include "ops/random_values.hpp"

namespace octet {
namespace {

using testing::counting;
using testing::expect_refusals;
using testing::infer;
using testing::Random;
using testing::run;
using testing::tensor;
using testing::values;

const Quant kUnit = Quant::per_tensor(1.0f);

TEST(MatMul, MultipliesStacksOfMatrices) {
  const Tensor a = counting<float>({2, 3}), b = counting<float>({3, 2});
  EXPECT_EQ(values<float>(run(MatMul{}, {a, b})[0]), (std::vector<float>{10, 13, 28, 40}));
  const Tensor stack = counting<float>({2, 1, 2, 3});
  const auto y = run(MatMul{}, {stack, counting<float>({2, 3, 2})})[0];
  EXPECT_EQ(y.shape(), (Shape{2, 2, 2, 2}));
  EXPECT_EQ(values<float>(y), (std::vector<float>{10, 13, 28, 40, 28, 31, 100, 112, 46, 67, 64, 94,
                                                  172, 193, 244, 274}));
}

TEST(MatMul, PromotesVectors) {
  const Tensor v = counting<float>({3}), m = counting<float>({3, 2});
  EXPECT_EQ(infer(MatMul{}, {v, v})[0].shape, Shape{});
  EXPECT_EQ(values<float>(run(MatMul{}, {v, v})[0]), std::vector<float>{5});
  EXPECT_EQ(values<float>(run(MatMul{}, {v, m})[0]), (std::vector<float>{10, 13}));
  EXPECT_EQ(values<float>(run(MatMul{}, {counting<float>({2, 3}), v})[0]),
            (std::vector<float>{5, 14}));
}

TEST(MatMul, SumsIntegersExactly) {
  const Tensor a = tensor<std::uint8_t>({1, 2}, {200, 3}, Quant::per_tensor(0.5f, 100));
  Quant per_column;
  per_column.scales = {1.0f, 0.25f};
  per_column.zero_points = {0, 10};
  per_column.axis = 1;
  const Tensor b = tensor<std::int8_t>({2, 2}, {1, 2, 3, 4}, per_column);
  const Tensor bias = tensor<std::int32_t>({2}, {1000, 0});
  const auto y = run(MatMul{}, {a, b, bias})[0];
  // 100*1 - 97*3 + 1000 and 100*(2-10) - 97*(4-10)
  EXPECT_EQ(values<std::int32_t>(y), (std::vector<std::int32_t>{809, -218}));
  EXPECT_EQ(y.type().quant->scales, (std::vector<float>{0.5f, 0.125f}));
  EXPECT_EQ(y.type().quant->axis, 1);
  const Tensor plain = tensor<std::int8_t>({2, 1}, {1, 1});
  EXPECT_FALSE(infer(MatMul{}, {a, plain})[0].quant.has_value());
}

TEST(MatMul, RequantisesByItsRule) {
  const Tensor a = tensor<std::int8_t>({1, 1}, {5}, kUnit);
  const Tensor b = tensor<std::int8_t>({1, 2}, {1, -1}, kUnit);
  MatMul op;
  op.output = OutputSpec{DType::s8, Quant::per_tensor(2.0f, 1)};
  EXPECT_EQ(values<std::int8_t>(run(op, {a, b})[0]), (std::vector<std::int8_t>{3, -1}));
  op.rule = EpilogueRule::mge_ratio;
  EXPECT_EQ(values<std::int8_t>(run(op, {a, b})[0]), (std::vector<std::int8_t>{4, -2}));
  op.activation = {ActivationKind::relu};
  EXPECT_EQ(values<std::int8_t>(run(op, {a, b})[0]), (std::vector<std::int8_t>{4, 1}));
}

TEST(MatMul, FloatBiasesBroadcast) {
  MatMul op;
  op.activation = {ActivationKind::relu};
  const Tensor a = tensor<float>({2, 1}, {1, -1}), b = tensor<float>({1, 2}, {1, 2});
  EXPECT_EQ(values<float>(run(op, {a, b, tensor<float>({2}, {0.5f, 1.5f})})[0]),
            (std::vector<float>{1.5f, 3.5f, 0, 0}));
  EXPECT_EQ(values<float>(run(op, {a, b, tensor<float>({2, 1}, {10, 20})})[0]),
            (std::vector<float>{11, 12, 19, 18}));
}

TEST(MatMulRandom, TransposesEqualTheDefinition) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    MatMul op;
    op.transpose_a = random.coin();
    op.transpose_b = random.coin();
    const std::int64_t m = random.integer(1, 9), n = random.integer(1, 40),
                       k = random.integer(0, 50);
    const DType a_type = random.pick({DType::s8, DType::u8});
    const DType b_type = random.pick({DType::s8, DType::u8});
    const Tensor a = random.tensor(a_type, op.transpose_a ? Shape{k, m} : Shape{m, k},
                                   Quant::per_tensor(1.0f, random.coin() ? 77 : 0));
    const Tensor b = random.tensor(b_type, op.transpose_b ? Shape{n, k} : Shape{k, n},
                                   Quant::per_tensor(1.0f, random.coin() ? 3 : 0));
    const Tensor y = run(op, {a, b})[0];
    for (std::int64_t i = 0; i < m * n; ++i) {
      std::int64_t sum = 0;
      for (std::int64_t t = 0; t < k; ++t) {
        const std::int64_t row = i / n, column = i % n;
        sum += (testing::stored(a, op.transpose_a ? t * m + row : row * k + t) -
                a.type().quant->zero_point()) *
               (testing::stored(b, op.transpose_b ? column * k + t : t * n + column) -
                b.type().quant->zero_point());
      }
      ASSERT_EQ(y.values<std::int32_t>()[static_cast<std::size_t>(i)], sum) << "seed " << seed;
    }
  }
}

TEST(MatMul, Refusals) {
  MatMul transposed, s8_output, bad_output;
  transposed.transpose_a = transposed.transpose_b = true;
  s8_output.output = OutputSpec{DType::s8, std::nullopt};
  bad_output.output = OutputSpec{DType::s8, kUnit};
  Quant rows = kUnit;
  rows.scales = {1.0f, 2.0f};
  rows.axis = 0;
  const auto op = make_op<MatMul>();
  const Tensor f = counting<float>({2, 2}), i = counting<std::int8_t>({2, 2}, kUnit);
  const StatusCode bad = StatusCode::invalid_model;
  expect_refusals({
      {op, {f}, bad, "1 input"},
      {op, {f, tensor<float>({}, {1})}, bad, "right operand of a matrix product is a scalar"},
      {op, {f, counting<float>({3, 2})}, bad, "sums over 2 and 3 elements"},
      {make_op<MatMul>(transposed), {counting<float>({2}), f}, bad, "vector to be transposed"},
      {op, {counting<float>({2, 2, 2}), counting<float>({3, 2, 2})}, bad, "do not broadcast"},
      {op, {f, i}, StatusCode::unsupported, "input is f32"},
      {op, {counting<std::int64_t>({2, 2}), i}, StatusCode::unsupported, "input is s64"},
      {op,
       {i, counting<std::int8_t>({2, 2}, rows)},
       StatusCode::unsupported,
       "axis 0 instead of 1"},
      {op, {i, i, counting<std::int32_t>({3})}, bad, "where s32 of {2} is expected"},
      {op, {i, i, counting<float>({2})}, bad, "where s32 of {2} is expected"},
      {op, {f, f, counting<float>({3, 2, 2})}, bad, "does not broadcast to the product"},
      {make_op<MatMul>(s8_output), {i, i}, bad, "needs a scale"},
      {make_op<MatMul>(bad_output), {f, f}, bad, "instead of f32"},
  });
}

}  // namespace
}  // namespace octet
