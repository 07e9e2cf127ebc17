// Random problems on the rows of our CPU kernels other than convolutions, bit for bit.
#include <gtest/gtest.h>

#include "backends/cpu_rows.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/pool.hpp"

namespace octet::testing {
namespace {

TensorType random_bytes(Random& random, const Shape& shape) {
  const DType dtype = random.pick({DType::s8, DType::u8});
  return {dtype, shape, kNCHW, random_quant(random, dtype, 0.4)};
}

Shape random_shape(Random& random, std::int64_t most_channels) {
  return {random.integer(1, 2), random.integer(1, most_channels), random.integer(1, 12),
          random.integer(1, 12)};
}

OutputSpec random_output(Random& random) {
  OutputSpec output;
  output.dtype = random.pick({DType::s8, DType::u8});
  output.quant = random_quant(random, output.dtype, 0.4);
  return output;
}

QuantRule random_rule(Random& random) {
  return random.pick({QuantRule::mge, QuantRule::onnx, QuantRule::mge_division});
}

Case random_pool(Random& random) {
  Case c;
  const TensorType x = random_bytes(random, random_shape(random, 150));
  c.inputs.push_back(random_tensor(random, x));
  Pool2d op;
  op.mode = random.pick(
      {PoolMode::max, PoolMode::average, PoolMode::average, PoolMode::average_exclude_padding});
  op.global = random.chance(0.2);
  for (std::size_t i = 0; i < 2; ++i) {
    op.kernel[i] = random.integer(1, std::min<std::int64_t>(3, x.shape[2 + i]));
    op.window.stride[i] = random.integer(1, 3);
    op.window.pad[i] = random.integer(0, op.kernel[i] - 1);
    op.window.pad[i + 2] = random.integer(0, op.kernel[i] - 1);
  }
  op.ceil_mode = random.chance(0.3);
  op.rule = random.pick({QuantRule::mge, QuantRule::onnx});
  if (op.rule == QuantRule::onnx && op.mode != PoolMode::max)
    op.output = OutputSpec{x.dtype, random_quant(random, x.dtype, 0.4)};
  c.op = make_op<Pool2d>(op);
  return c;
}

Case random_adaptive_pool(Random& random) {
  Case c;
  const TensorType x = random_bytes(random, random_shape(random, 150));
  c.inputs.push_back(random_tensor(random, x));
  const std::array<std::int32_t, 2> target{
      static_cast<std::int32_t>(random.integer(1, x.shape[2])),
      static_cast<std::int32_t>(random.integer(1, x.shape[3]))};
  c.inputs.push_back(
      Tensor::from<std::int32_t>({DType::s32, Shape{2}, kNCHW, std::nullopt}, target));
  c.constant = {false, true};
  AdaptivePool2d op;
  op.mode = random.pick({PoolMode::max, PoolMode::average});
  c.op = make_op<AdaptivePool2d>(op);
  return c;
}

Case random_convert(Random& random) {
  Case c;
  Convert op;
  op.rule = random_rule(random);
  TensorType x = random_bytes(random, random_shape(random, 90));
  const int direction = static_cast<int>(random.integer(0, 2));
  if (direction == 0) x.dtype = DType::f32, x.quant.reset();
  if (direction == 1) op.output = OutputSpec{DType::f32, std::nullopt};
  else op.output = random_output(random);
  c.inputs.push_back(random_tensor(random, x));
  c.op = make_op<Convert>(op);
  return c;
}

Case random_relayout(Random& random, const Layout& layout) {
  Case c;
  TensorType x = random_bytes(random, random_shape(random, 90));
  if (random.chance(0.3)) x.dtype = DType::f32, x.quant.reset();
  c.inputs.push_back(random_tensor(random, x));
  Relayout op;
  op.layout = layout;
  c.op = make_op<Relayout>(op);
  return c;
}

Case random_binary(Random& random) {
  Case c;
  Elementwise op;
  op.mode = random.pick({ElementwiseMode::add, ElementwiseMode::add_relu, ElementwiseMode::sub,
                         ElementwiseMode::mul, ElementwiseMode::add_h_swish});
  op.rule = random_rule(random);
  op.output = random_output(random);
  Shape a = random_shape(random, 90), b = a;
  const int broadcast = static_cast<int>(random.integer(0, 3));
  if (broadcast == 1) b = {1, a[1], 1, 1};
  if (broadcast == 2) b = Shape{};
  if (broadcast == 3) b = {a[0], a[1], 1, 1};
  if (random.chance(0.3)) std::swap(a, b);
  c.inputs.push_back(random_tensor(random, random_bytes(random, a)));
  c.inputs.push_back(random_tensor(random, random_bytes(random, b)));
  c.op = make_op<Elementwise>(op);
  return c;
}

Case random_unary(Random& random) {
  Case c;
  Elementwise op;
  op.mode = random.pick({ElementwiseMode::sigmoid, ElementwiseMode::relu, ElementwiseMode::h_swish,
                         ElementwiseMode::exp, ElementwiseMode::leaky_relu});
  op.alpha = 0.1f;
  op.rule = random_rule(random);
  op.output = random_output(random);
  c.inputs.push_back(random_tensor(random, random_bytes(random, random_shape(random, 30))));
  c.op = make_op<Elementwise>(op);
  return c;
}

class CpuRow : public ::testing::TestWithParam<const Kernel*> {
 protected:
  bool is(std::string_view prefix) const { return GetParam()->name.starts_with(prefix); }
};
using CpuPoolRow = CpuRow;
using CpuConvertRow = CpuRow;
using CpuRelayoutRow = CpuRow;
using CpuElementwiseRow = CpuRow;

TEST_P(CpuPoolRow, GivesTheReferenceBits) {
  expect_row_bits(*GetParam(), is("adaptive") ? random_adaptive_pool : random_pool, kNHWC, kNHWC);
}

TEST_P(CpuConvertRow, GivesTheReferenceBitsInEveryOrder) {
  for (const auto& [from, to] : {std::pair{kNHWC, kNHWC}, {kNCHW, kNHWC}, {kNHWC, kNCHW}})
    expect_row_bits(*GetParam(), random_convert, from, to);
}

TEST_P(CpuRelayoutRow, GivesTheReferenceBitsBothWays) {
  const auto draw = [](const Layout& to) {
    return [to](Random& random) { return random_relayout(random, to); };
  };
  expect_row_bits(*GetParam(), draw(kNHWC), kNCHW, kNHWC);
  expect_row_bits(*GetParam(), draw(kNCHW), kNHWC, kNCHW);
}

TEST_P(CpuElementwiseRow, GivesTheReferenceBits) {
  for (const Layout& layout : {kNHWC, kNCHW})
    expect_row_bits(*GetParam(), is("elementwise_q8_table") ? random_unary : random_binary, layout,
                    layout);
}

const auto kRowName = [](const auto& row) { return row.param->name; };

INSTANTIATE_TEST_SUITE_P(Rows, CpuPoolRow,
                         ::testing::ValuesIn(cpu_rows({Pool2d::kKind, AdaptivePool2d::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuConvertRow, ::testing::ValuesIn(cpu_rows({Convert::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuRelayoutRow, ::testing::ValuesIn(cpu_rows({Relayout::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuElementwiseRow,
                         ::testing::ValuesIn(cpu_rows({Elementwise::kKind})), kRowName);

}  // namespace
}  // namespace octet::testing
