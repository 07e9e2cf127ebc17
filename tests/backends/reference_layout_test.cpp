// The reference runs operators on values in any layout.
#include <gtest/gtest.h>

#include "backends/reference/backend.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "support/random_case.hpp"

namespace octet::testing {
namespace {

const Backend& reference() {
  static const std::unique_ptr<Backend> backend = make_reference_backend();
  return *backend;
}

const Kernel& layout_row() { return reference().kernels("").back(); }

Case pooling(DType dtype) {
  Random random(7);
  Pool2d op;
  op.kernel = {2, 3};
  Case c;
  c.op = make_op<Pool2d>(op);
  c.inputs.push_back(random_tensor(
      random, {dtype, Shape{2, 5, 4, 6}, kNCHW,
               dtype == DType::f32 ? std::optional<Quant>{} : Quant::per_tensor(0.1f, 3)}));
  return c;
}

TEST(ReferenceLayouts, AnOperatorWorksThroughCopies) {
  for (const Layout& in : {kNHWC, kNCHW4, kNCHW32, kCHWN4, kNCHW})
    for (const Layout& out : {kNHWC, kNCHW4, kCHWN4})
      for (const DType dtype : {DType::s8, DType::f32})
        EXPECT_TRUE(expect_reference_bits(reference(), layout_row(), pooling(dtype), in, out).ok());
}

TEST(ReferenceLayouts, TheDefaultLayoutIsLeftToTheOperatorItself) {
  EXPECT_FALSE(
      expect_reference_bits(reference(), layout_row(), pooling(DType::s8), kNCHW, kNCHW).ok());
}

TEST(ReferenceLayouts, RelayoutItselfIsNotWrapped) {
  Random random(3);
  const TensorType type{DType::u8, Shape{2, 6, 3, 5}, kNCHW4, Quant::per_tensor(0.5f, 9)};
  Relayout op;
  op.layout = kCHWN4;
  TensorType result = type;
  result.layout = kCHWN4;
  Problem problem;
  problem.op = make_op<Relayout>(op);
  problem.inputs = {type};
  problem.outputs = {result};
  problem.constants = {nullptr};
  problem.present = {true};
  ASSERT_TRUE(layout_row().check(problem, {}).ok());
  const auto executable = layout_row().prepare(problem, {});
  EXPECT_EQ(executable->workspace(), 0u);
}

}  // namespace
}  // namespace octet::testing
