#include "support/random_ops.hpp"

#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
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

Tensor integers(std::initializer_list<std::int64_t> values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return Tensor::from<std::int64_t>({DType::s64, shape, kNCHW, std::nullopt},
                                    std::span(values.begin(), values.size()));
}

}  // namespace

Case random_pool(Random& random) {
  Case c;
  Shape shape = random_shape(random, 150);
  if (random.chance(0.4)) shape[1] = 16 * random.integer(1, 9);  // kernels for whole vectors
  const TensorType x = random_bytes(random, shape);
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
  if (op.rule == QuantRule::onnx && (op.mode != PoolMode::max || random.chance(0.3)))
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

Case random_concat(Random& random) {
  Case c;
  Concat op;
  op.axis = random.integer(-4, 3);
  const auto axis = static_cast<std::size_t>((op.axis + 4) % 4);
  TensorType type = random_bytes(random, random_shape(random, 90));
  for (std::int64_t i = random.integer(1, 3); i >= 0; --i) {
    type.shape[axis] = random.integer(0, 9);
    c.inputs.push_back(random_tensor(random, type));
  }
  c.op = make_op<Concat>(op);
  return c;
}

Case random_split(Random& random) {
  Case c;
  Split op;
  op.axis = random.integer(0, 3);
  TensorType type = random_bytes(random, random_shape(random, 90));
  op.parts = random.integer(1, type.shape[static_cast<std::size_t>(op.axis)]);
  if ((op.parts - 1) *
          ((type.shape[static_cast<std::size_t>(op.axis)] + op.parts - 1) / op.parts) >=
      type.shape[static_cast<std::size_t>(op.axis)])
    op.parts = 1;
  c.inputs.push_back(random_tensor(random, type));
  c.op = make_op<Split>(op);
  return c;
}

Case random_slice(Random& random) {
  Case c;
  const TensorType type = random_bytes(random, random_shape(random, 90));
  const std::int64_t axis = random.integer(0, 3),
                     extent = type.shape[static_cast<std::size_t>(axis)];
  const std::int64_t first = random.integer(0, extent - 1),
                     last = random.integer(first + 1, extent);
  c.inputs = {random_tensor(random, type), integers({first}), integers({last}), integers({axis}),
              integers({random.chance(0.8) ? 1 : 2})};
  c.constant = {false, true, true, true, true};
  c.op = make_op<Slice>();
  return c;
}

Case random_gather(Random& random) {
  Case c;
  Gather op;
  op.axis = random.integer(0, 3);
  const TensorType type = random_bytes(random, random_shape(random, 150));
  const std::int64_t extent = type.shape[static_cast<std::size_t>(op.axis)];
  Tensor indices(TensorType{DType::s64, Shape{random.integer(1, 2 * extent)}, kNCHW, std::nullopt});
  const bool shuffles = random.chance(0.5);
  std::int64_t i = 0;
  for (std::int64_t& index : indices.mutable_values<std::int64_t>()) {
    index =
        shuffles ? (i % 2 * (extent / 2) + i / 2) % extent : random.integer(-extent, extent - 1);
    ++i;
  }
  c.inputs = {random_tensor(random, type), indices};
  c.constant = {false, true};
  c.op = make_op<Gather>(op);
  return c;
}

Case random_matmul(Random& random) {
  Case c;
  MatMul op;
  op.transpose_a = random.chance(0.1);
  op.transpose_b = random.chance(0.5);
  op.rule = random.pick({EpilogueRule::mge_ratio, EpilogueRule::mge_dense, EpilogueRule::mge_packed,
                         EpilogueRule::mge_naive, EpilogueRule::onnx, EpilogueRule::onnx});
  if (random.chance(0.7)) op.output = random_output(random);
  else if (random.chance(0.5)) op.output = OutputSpec{};
  if (op.output && random.chance(0.5)) op.activation.kind = ActivationKind::relu;
  // Kernels that want whole groups of channels get their share.
  const bool whole = random.chance(0.5);
  const std::int64_t k = whole ? 16 * random.integer(1, 70) : random.integer(1, 200);
  const std::int64_t n = whole ? 16 * random.integer(1, 12) : random.integer(1, 90);
  Shape a{random.integer(1, random.chance(0.2) ? 300 : 20), k};
  if (op.transpose_a) std::swap(a[0], a[1]);
  else if (random.chance(0.2)) a = {2, 3, k};
  TensorType b{DType::s8, op.transpose_b ? Shape{n, k} : Shape{k, n}, kNCHW,
               Quant::per_tensor(random_scale(random))};
  if (op.rule == EpilogueRule::onnx && random.chance(0.5)) {
    b.quant->axis = op.transpose_b ? 0 : 1;
    for (std::int64_t i = 1; i < n; ++i) b.quant->scales.push_back(random_scale(random));
  }
  if (random.chance(0.3)) {
    b.dtype = DType::u8;
    b.quant->zero_points.assign(b.quant->scales.size(), 128);
  }
  // Now and then one column without its zero point is no byte any more.
  if (!b.quant->is_per_tensor() && random.chance(0.3)) {
    b.quant->zero_points.resize(b.quant->scales.size());
    b.quant->zero_points[static_cast<std::size_t>(random.integer(0, n - 1))] +=
        static_cast<std::int32_t>(random.integer(-3, 3));
  }
  c.inputs = {random_tensor(random, random_bytes(random, a)), random_tensor(random, b),
              std::nullopt};
  if (random.chance(0.6))
    c.inputs[2] = random_tensor(random, {DType::s32, Shape{n}, kNCHW, std::nullopt});
  c.constant = {false, true, true};
  c.op = make_op<MatMul>(op);
  return c;
}

}  // namespace octet::testing
