// Products of f32 by tiles: the order of a sum depends on nothing but its depth.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "backends/cuda/backend.hpp"
#include "ops/matmul.hpp"
#include "support/random_numbers.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

const Kernel& tiles() {
  for (const Kernel& row : backend().kernels(MatMul::kKind))
    if (row.name == "matmul_any_tile32_sm75") return row;
  throw std::logic_error("no such row");
}

struct Product {
  std::int64_t n, k;
  bool transpose_a, transpose_b, constant_b;
};

void PrintTo(const Product& p, std::ostream* out) {
  *out << "n " << p.n << ", k " << p.k << (p.transpose_a ? ", a transposed" : "")
       << (p.transpose_b ? ", b transposed" : "") << (p.constant_b ? ", b constant" : "");
}

Tensor matrix(std::int64_t rows, std::int64_t columns) {
  return Tensor(TensorType{DType::f32, Shape{rows, columns}, kNCHW, std::nullopt});
}

// The first rows of a matrix.
Tensor first_rows(const Tensor& from, std::int64_t rows) {
  Tensor result = matrix(rows, from.shape()[1]);
  std::memcpy(result.mutable_data(), from.data(), result.bytes());
  return result;
}

Tensor transposed(const Tensor& from) {
  const std::int64_t rows = from.shape()[0], columns = from.shape()[1];
  Tensor result = matrix(columns, rows);
  const auto in = from.values<float>();
  const auto out = result.mutable_values<float>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      out[static_cast<std::size_t>(j * rows + i)] = in[static_cast<std::size_t>(i * columns + j)];
  return result;
}

Tensor product_of(const Product& p, const Tensor& a, const Tensor& b, const Tensor& bias) {
  MatMul op;
  op.transpose_a = p.transpose_a;
  op.transpose_b = p.transpose_b;
  Case c;
  c.op = make_op<MatMul>(op);
  c.inputs = {p.transpose_a ? transposed(a) : a.clone(), p.transpose_b ? transposed(b) : b.clone(),
              bias.clone()};
  c.constant = {false, p.constant_b, p.constant_b};
  return std::move(outputs_of(backend(), tiles(), c)[0]);
}

class CudaMatMul : public ::testing::TestWithParam<Product> {};

TEST_P(CudaMatMul, GivesARowTheSameBitsInAnyCompany) {
  constexpr std::int64_t kMost = 128;
  const Product p = GetParam();
  Random random(5);
  const TensorType row{DType::f32, Shape{kMost, p.k}, kNCHW, std::nullopt};
  const TensorType weights{DType::f32, Shape{p.k, p.n}, kNCHW, std::nullopt};
  const TensorType biases{DType::f32, Shape{p.n}, kNCHW, std::nullopt};
  const Tensor a = random_values(random, row, -2.0, 2.0);
  const Tensor b = random_values(random, weights, -2.0, 2.0);
  const Tensor bias = random_values(random, biases, -2.0, 2.0);
  // Without transposing: so that layouts are compared, too.
  const Tensor all = product_of({p.n, p.k, false, false, false}, a, b, bias);
  for (const std::int64_t rows : {1, 8, 9, 15, 16, 17, 33, 128}) {
    const Tensor some = product_of(p, first_rows(a, rows), b, bias);
    EXPECT_EQ(std::memcmp(some.data(), all.data(), some.bytes()), 0) << rows << " rows";
  }
}

// Tensor Cores take a value in two parts, which infinity has not.
TEST(CudaMatMulRange, InfiniteOperandsStayInfinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Product p{40, 70, false, true, true};
  Random random(6);
  const Tensor bias = random_values(random, {DType::f32, Shape{p.n}, kNCHW, std::nullopt}, -2, 2);
  const Tensor b =
      random_values(random, {DType::f32, Shape{p.k, p.n}, kNCHW, std::nullopt}, -2.0, 2.0);
  for (const std::int64_t rows : {1, 12, 40}) {
    Tensor a = random_values(random, {DType::f32, Shape{rows, p.k}, kNCHW, std::nullopt}, -2, 2);
    a.mutable_values<float>()[5] = kInfinity;  // of the first row
    const Tensor y = product_of(p, a, b, bias);
    const auto values = y.values<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto column = i % static_cast<std::size_t>(p.n);
      if (i >= static_cast<std::size_t>(p.n)) EXPECT_TRUE(std::isfinite(values[i]));
      else
        EXPECT_EQ(values[i],
                  std::copysign(kInfinity,
                                b.values<float>()[5 * static_cast<std::size_t>(p.n) + column]));
    }
  }
}

// Depths around a run, a period and what a kernel holds; odd ones and those without aligned loads.
constexpr Product kProducts[] = {
    {40, 1, false, true, true},    {33, 31, false, true, false},  {70, 36, true, true, true},
    {7, 513, false, true, true},   {64, 1028, false, true, true}, {65, 1028, false, false, true},
    {40, 2050, true, true, false}, {36, 2084, false, true, true},
};

INSTANTIATE_TEST_SUITE_P(Products, CudaMatMul, ::testing::ValuesIn(kProducts));

}  // namespace
}  // namespace octet::testing
