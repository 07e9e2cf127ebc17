// Products by a constant as 1x1 convolutions: the same numbers, and which kernels take them.
#include "backends/cuda/product/linear.hpp"

#include <gtest/gtest.h>

#include "backends/cuda/conv/mma/plan.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "ops/matmul.hpp"
#include "support/random_ops.hpp"

namespace octet::cuda {
namespace {

using namespace octet::testing;

Tensor compute(const Problem& problem, std::span<const std::optional<Tensor>> inputs) {
  std::vector<ConstView> in;
  for (const auto& input : inputs) in.push_back(input ? ConstView(*input) : ConstView());
  Tensor output(problem.outputs[0]);
  const View out(output);
  problem.op->compute(in, std::span(&out, 1));
  return output;
}

// What a kernel of the convolution gives, by the reference: bytes of a row-major matrix.
Tensor compute_as_conv(const LaidOutCase& product) {
  Problem conv = linear_conv(product.problem);
  std::vector<std::optional<Tensor>> inputs = product.inputs;
  if (const auto padding = linear_padding(product.problem))
    inputs[0] = compute(*padding, {{inputs[0]->with_type(padding->inputs[0])}});
  inputs[0] = inputs[0]->with_type(conv.inputs[0]);
  inputs[1] = linear_filter(product.problem);
  // The reference takes images in the default layout; of one pixel these are the same bytes.
  conv.outputs[0].layout = kNCHW;
  TensorType x = conv.inputs[0];
  x.layout = kNCHW;
  inputs[0] = inputs[0]->with_type(x);
  return compute(conv, inputs).with_type(product.problem.outputs[0]);
}

TEST(CudaLinear, IsTheConvolutionOfOnePixel) {
  int padded = 0, whole = 0;
  Random random(11);
  for (int i = 0; i < 60; ++i) {
    const LaidOutCase product = lay_out(random_matmul(random), kNCHW, kNCHW);
    if (!check_linear(product.problem)) continue;
    ++(linear_padding(product.problem) ? padded : whole);
    const Tensor want = compute(product.problem, product.inputs);
    const Tensor got = compute_as_conv(product);
    ASSERT_TRUE(std::ranges::equal(want.values<std::byte>(), got.values<std::byte>()))
        << product.problem.text();
  }
  EXPECT_GT(padded, 10);
  EXPECT_GT(whole, 10);
}

// {m,k} x {k,n} of s8 with this output.
LaidOutCase linear(std::int64_t m, std::int64_t k, std::int64_t n, DType output = DType::s8) {
  Random random(3);
  MatMul op;
  op.output = OutputSpec{output, std::nullopt};
  if (output != DType::f32) op.output->quant = Quant::per_tensor(0.1f);
  Case c;
  const auto matrix = [&](std::int64_t rows, std::int64_t columns) {
    return random_tensor(random,
                         {DType::s8, Shape{rows, columns}, kNCHW, Quant::per_tensor(0.05f)});
  };
  c.inputs = {matrix(m, k), matrix(k, n)};
  c.constant = {false, true};
  c.op = make_op<MatMul>(op);
  return lay_out(c, kNCHW, kNCHW);
}

TEST(CudaLinear, TensorCoresTakeEverySize) {
  for (const std::int64_t k : {1, 10, 16, 25, 512, 2048})
    for (const std::int64_t n : {1, 7, 10, 16, 1000}) {
      const LaidOutCase c = linear(3, k, n);
      ASSERT_TRUE(check_linear(c.problem));
      const Problem conv = linear_conv(c.problem);
      const Verdict mma = check_implicit_gemm(conv), wgmma = check_im2col_conv(conv);
      EXPECT_TRUE(mma.ok()) << mma.reason();
      EXPECT_EQ(loader_for(conv.inputs[0]), Loader::chunk);
      EXPECT_EQ(wgmma.ok(), n % 16 == 0) << wgmma.reason();
    }
  // A float output is for mma.sync alone.
  const LaidOutCase c = linear(128, 512, 1024, DType::f32);
  EXPECT_TRUE(check_implicit_gemm(linear_conv(c.problem)));
  EXPECT_FALSE(check_im2col_conv(linear_conv(c.problem)));
}

TEST(CudaLinear, SaysWhatItDoesNotTake) {
  const auto reason = [](const std::function<void(LaidOutCase&)>& change) {
    LaidOutCase c = linear(3, 16, 16);
    change(c);
    return check_linear(c.problem).reason();
  };
  EXPECT_EQ(reason([](LaidOutCase& c) { c.problem.inputs[0].dtype = DType::f32; }),
            "the operands are not 8-bit");
  EXPECT_EQ(reason([](LaidOutCase& c) { c.problem.constants[1] = nullptr; }),
            "the right operand is not a constant");
  EXPECT_EQ(reason([](LaidOutCase& c) {
              c.problem.inputs[1].shape = {2, 16, 16};
            }),
            "the right operand is not one matrix");
  EXPECT_EQ(reason([](LaidOutCase& c) {
              c.problem.inputs[0].shape = {0, 16};
            }),
            "an operand is empty");
  EXPECT_EQ(reason([](LaidOutCase& c) {
              MatMul op = *c.problem.as<MatMul>();
              op.transpose_a = true;
              c.problem.op = make_op<MatMul>(op);
            }),
            "the left operand does not hold a row after the other");
}

// Which rows of the convolutions the products list: those that read pixels of channels.
TEST(CudaLinear, ListsTheRowsForPixelsOfChannels) {
  int listed = 0;
  for (const Kernel& row : kernel_list(MatMul::kKind)) {
    if (!row.name.starts_with("matmul_as_")) continue;
    ++listed;
    EXPECT_NE(row.name.find("_nhwc_"), std::string::npos) << row.name;
    EXPECT_NE(row.estimate, nullptr);
  }
  const auto in_nhwc = [](std::span<const Kernel> rows) {
    return std::count_if(rows.begin(), rows.end(), [](const Kernel& row) {
      return row.name.find("_nhwc_") != std::string::npos;
    });
  };
  EXPECT_EQ(listed, in_nhwc(conv2d_wgmma_rows()) + in_nhwc(conv2d_mma_rows()));
}

}  // namespace
}  // namespace octet::cuda
