#include "support/random_indexing.hpp"

#include <algorithm>

#include "ops/conv.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"
#include "support/random_numbers.hpp"

namespace octet::testing {
namespace {

TensorType plain(DType dtype, const Shape& shape) { return {dtype, shape, kNCHW, std::nullopt}; }

DType random_element(Random& random) {
  return random.pick({DType::f32, DType::u8, DType::f16, DType::s64});
}

Tensor random_data(Random& random, const Shape& shape) {
  return random_values(random, plain(random_element(random), shape), 0.0, 100.0);
}

// Indices into an axis of this extent, negative ones among them.
Tensor random_indices(Random& random, const Shape& shape, std::int64_t extent) {
  const DType dtype = random.pick({DType::s32, DType::s64});
  return random_values(random, plain(dtype, shape), static_cast<double>(-extent),
                       static_cast<double>(extent - 1));
}

std::size_t random_axis(Random& random, const Shape& shape) {
  return static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(shape.rank()) - 1));
}

Tensor known(std::initializer_list<std::int64_t> values) {
  return Tensor::from<std::int64_t>(
      plain(DType::s64, Shape{static_cast<std::int64_t>(values.size())}),
      std::span(values.begin(), values.size()));
}

// Indices of the rank of x, no longer than it but along `axis`.
Shape elementwise_indices(Random& random, const Shape& x, std::size_t axis) {
  Shape shape;
  for (std::size_t i = 0; i < x.rank(); ++i)
    shape.push_back(random.integer(1, i == axis ? x[i] + 3 : x[i]));
  return shape;
}

// Tuples that name places along the axes of x from `batches` on.
Tensor random_tuples(Random& random, const Shape& leading, const Shape& x, std::size_t batches,
                     std::size_t tuple) {
  Shape shape = leading;
  shape.push_back(static_cast<std::int64_t>(tuple));
  std::int64_t least = x[batches];
  for (std::size_t k = 0; k < tuple; ++k) least = std::min(least, x[batches + k]);
  return random_indices(random, shape, least);
}

struct FloatConv {
  std::int64_t n, c, h, w, k, r, s, groups;
  Window2d window;
};

FloatConv random_float_geometry(Random& random) {
  FloatConv g{};
  g.groups = random.pick<std::int64_t>({1, 1, 2, 3});
  g.n = random.integer(1, 3);
  g.c = g.groups * random.integer(1, 6);
  g.k = g.groups * random.integer(1, 6);
  g.r = random.integer(1, 4);
  g.s = random.integer(1, 4);
  for (std::size_t i = 0; i < 2; ++i) {
    g.window.stride[i] = random.integer(1, 3);
    g.window.dilation[i] = random.integer(1, 2);
  }
  for (std::int64_t& pad : g.window.pad) pad = random.integer(0, 2);
  g.h = (g.r - 1) * g.window.dilation[0] + random.integer(1, 9);
  g.w = (g.s - 1) * g.window.dilation[1] + random.integer(1, 9);
  return g;
}

std::int64_t positions(const FloatConv& g, std::size_t axis) {
  const std::int64_t kernel = axis == 0 ? g.r : g.s;
  return window_positions(g.window, static_cast<int>(axis), axis == 0 ? g.h : g.w, kernel);
}

Tensor random_floats(Random& random, const Shape& shape) {
  return random_values(random, plain(DType::f32, shape), -2.0, 2.0);
}

// Of one sign, so that no sum is much smaller than what was added.
Tensor random_terms(Random& random, const Shape& shape) {
  return random_values(random, plain(DType::f32, shape), 0.1, 2.0);
}

std::optional<Tensor> random_bias(Random& random, std::int64_t channels) {
  if (random.chance(0.4)) return std::nullopt;
  return random_floats(random, Shape{channels});
}

Activation plain_activation(Random& random) {
  Activation activation;
  activation.kind = random.pick({ActivationKind::none, ActivationKind::relu});
  return activation;
}

}  // namespace

Case random_gather_computed(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 9);
  Gather op;
  const std::size_t axis = random_axis(random, x);
  op.axis = static_cast<std::int64_t>(axis);
  Shape indices;
  for (std::int64_t i = random.integer(0, 2); i > 0; --i) indices.push_back(random.integer(1, 6));
  c.inputs = {random_data(random, x), random_indices(random, indices, x[axis])};
  c.op = make_op<Gather>(op);
  return c;
}

Case random_gather_elements(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 9);
  GatherElements op;
  const std::size_t axis = random_axis(random, x);
  op.axis = static_cast<std::int64_t>(axis);
  c.inputs = {random_data(random, x),
              random_indices(random, elementwise_indices(random, x, axis), x[axis])};
  c.op = make_op<GatherElements>(op);
  return c;
}

Case random_gather_nd(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 7);
  GatherND op;
  const auto rank = static_cast<std::int64_t>(x.rank());
  op.batch_dims = random.integer(0, rank - 1);
  const auto batches = static_cast<std::size_t>(op.batch_dims);
  const auto tuple = static_cast<std::size_t>(random.integer(1, rank - op.batch_dims));
  Shape leading;
  for (std::size_t i = 0; i < batches; ++i) leading.push_back(x[i]);
  if (random.chance(0.7)) leading.push_back(random.integer(1, 6));
  c.inputs = {random_data(random, x), random_tuples(random, leading, x, batches, tuple)};
  c.op = make_op<GatherND>(op);
  return c;
}

Case random_vector_index(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 9);
  VectorIndex op;
  c.inputs.push_back(random_data(random, x));
  c.constant = {false};
  const Shape together{random.integer(1, 3), random.integer(1, 5)};
  const std::size_t indexed = random_axis(random, x);
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    SubtensorItem item;
    item.axis = static_cast<std::int64_t>(axis);
    item.index = axis == indexed || random.chance(0.4);
    if (item.index) {
      Shape shape = random.chance(0.5) ? together : Shape{together[1]};
      if (random.chance(0.3)) shape[shape.rank() - 1] = 1;
      c.inputs.push_back(random_indices(random, shape, x[axis]));
      c.constant.push_back(false);
    } else if (x[axis] > 1 && random.chance(0.6)) {
      item.begin = item.step = true;
      c.inputs.push_back(known({random.integer(0, x[axis] - 1)}));
      c.inputs.push_back(known({random.integer(1, 2)}));
      c.constant.insert(c.constant.end(), {true, true});
    } else {
      continue;
    }
    op.items.push_back(item);
  }
  c.op = make_op<VectorIndex>(op);
  return c;
}

Case random_scatter_elements(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 9);
  ScatterElements op;
  const std::size_t axis = random_axis(random, x);
  op.axis = static_cast<std::int64_t>(axis);
  const Shape indices = elementwise_indices(random, x, axis);
  Tensor data = random_data(random, x);
  TensorType updates = data.type();
  updates.shape = indices;
  c.inputs = {std::move(data), random_indices(random, indices, x[axis]),
              random_values(random, updates, 0.0, 100.0)};
  c.op = make_op<ScatterElements>(op);
  return c;
}

Case random_scatter_nd(Random& random) {
  Case c;
  const Shape x = random_small_shape(random, 7);
  const auto tuple =
      static_cast<std::size_t>(random.integer(1, static_cast<std::int64_t>(x.rank())));
  const Shape leading{random.integer(1, 9)};
  Tensor data = random_data(random, x);
  TensorType updates = data.type();
  updates.shape = leading;
  for (std::size_t axis = tuple; axis < x.rank(); ++axis) updates.shape.push_back(x[axis]);
  c.inputs = {std::move(data), random_tuples(random, leading, x, 0, tuple),
              random_values(random, updates, 0.0, 100.0)};
  c.op = make_op<ScatterND>();
  return c;
}

Case random_one_hot(Random& random) {
  Case c;
  OneHot op;
  const Shape indices = Shape(random_small_shape(random, 6).extents().first(1));
  op.axis = random.integer(-2, 1);
  const std::int64_t depth = random.integer(1, 9);
  const DType dtype = random.pick({DType::s32, DType::s64, DType::f32});
  c.inputs = {random_values(random, plain(dtype, indices), static_cast<double>(-depth - 1),
                            static_cast<double>(depth + 1)),
              known({depth}), random_data(random, Shape{2})};
  c.constant = {false, true, false};
  c.op = make_op<OneHot>(op);
  return c;
}

Case random_add_to_part(Random& random) {
  Case c;
  SetSubtensor op;
  op.add = true;
  const Shape x = random_small_shape(random, 9);
  Tensor data = random_data(random, x);
  TensorType part = data.type();
  const std::size_t axis = random_axis(random, x);
  const std::int64_t begin = random.integer(0, x[axis] - 1);
  part.shape[axis] = x[axis] - begin;
  SubtensorItem item;
  item.axis = static_cast<std::int64_t>(axis);
  item.begin = true;
  op.items = {item};
  c.inputs = {std::move(data), random_values(random, part, 0.0, 100.0), known({begin})};
  c.constant = {false, false, true};
  c.op = make_op<SetSubtensor>(op);
  return c;
}

Case random_constant_of_shape(Random& random) {
  Case c;
  ConstantOfShape op;
  op.value = random_data(random, Shape{1});
  c.inputs = {known({random.integer(1, 9), random.integer(0, 9)})};
  c.constant = {true};
  c.op = make_op<ConstantOfShape>(op);
  return c;
}

Case random_conv_transpose(Random& random) {
  Case c;
  const FloatConv g = random_float_geometry(random);
  ConvTranspose2d op;
  op.groups = g.groups;
  op.window = g.window;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t kernel = i == 0 ? g.r : g.s;
    // At least one position is left.
    op.window.pad[i] = random.integer(0, std::min<std::int64_t>(1, kernel - 1));
    op.window.pad[i + 2] = 0;
    op.output_padding[i] = random.integer(0, 1);
  }
  op.activation = plain_activation(random);
  const Shape x{g.n, g.c, g.h, g.w}, w{g.c, g.k / g.groups, g.r, g.s};
  if (random.chance(0.4)) {
    c.inputs = {random_floats(random, x), random_floats(random, w), random_bias(random, g.k)};
  } else {
    op.rule = random.pick({EpilogueRule::mge_ratio, EpilogueRule::onnx});
    op.output = {DType::s8, Quant::per_tensor(random_scale(random))};
    TensorType xq{random.pick({DType::s8, DType::u8}), x, kNCHW, {}};
    xq.quant = random_quant(random, xq.dtype, 0.4);
    TensorType wq{DType::s8, w, kNCHW, Quant::per_tensor(random_scale(random))};
    if (random.chance(0.4)) {
      wq.quant->axis = 1;
      for (std::int64_t k = 1; k < w[1]; ++k) wq.quant->scales.push_back(random_scale(random));
    }
    c.inputs = {random_tensor(random, xq), random_tensor(random, wq), std::nullopt};
    if (random.chance(0.6)) c.inputs[2] = random_tensor(random, plain(DType::s32, Shape{g.k}));
  }
  c.constant = {false, true, true};
  c.op = make_op<ConvTranspose2d>(op);
  return c;
}

Case random_float_conv(Random& random) {
  Case c;
  const FloatConv g = random_float_geometry(random);
  Conv2d op;
  op.groups = g.groups;
  op.window = g.window;
  op.flip_filter = random.chance(0.2);
  op.activation = plain_activation(random);
  c.inputs = {random_floats(random, {g.n, g.c, g.h, g.w}),
              random_floats(random, {g.k, g.c / g.groups, g.r, g.s}), random_bias(random, g.k)};
  if (random.chance(0.4))
    c.inputs.push_back(random_floats(random, {g.n, g.k, positions(g, 0), positions(g, 1)}));
  c.constant = {false, true, true};
  c.op = make_op<Conv2d>(op);
  return c;
}

Case random_float_batch_conv(Random& random) {
  Case c;
  const FloatConv g = random_float_geometry(random);
  BatchConv2d op;
  op.groups = g.groups;
  op.window = g.window;
  c.inputs = {random_floats(random, {g.n, g.c, g.h, g.w}),
              random_floats(random, {g.n, g.k, g.c / g.groups, g.r, g.s}),
              random_bias(random, g.k)};
  c.constant = {false, true, true};
  c.op = make_op<BatchConv2d>(op);
  return c;
}

Case random_float_group_local(Random& random) {
  Case c;
  const FloatConv g = random_float_geometry(random);
  GroupLocal op;
  op.window = g.window;
  op.flip_filter = random.chance(0.3);
  c.inputs = {random_floats(random, {g.n, g.c, g.h, g.w}),
              random_floats(random, {g.groups, positions(g, 0), positions(g, 1), g.c / g.groups,
                                     g.r, g.s, g.k / g.groups})};
  c.op = make_op<GroupLocal>(op);
  return c;
}

Case random_local_share(Random& random) {
  Case c;
  const FloatConv g = random_float_geometry(random);
  LocalShare op;
  op.window = g.window;
  const auto regions = [&](std::int64_t extent) {
    std::int64_t count = random.integer(1, extent);
    while (extent % count != 0) --count;
    return count;
  };
  c.inputs = {random_floats(random, {g.n, g.c, g.h, g.w}),
              random_floats(random, {g.groups, regions(positions(g, 0)), regions(positions(g, 1)),
                                     g.c / g.groups, g.r, g.s, g.k / g.groups})};
  c.op = make_op<LocalShare>(op);
  return c;
}

Case random_float_matmul(Random& random) {
  Case c;
  MatMul op;
  op.transpose_a = random.chance(0.3);
  op.transpose_b = random.chance(0.5);
  op.activation = plain_activation(random);
  const std::int64_t m = random.pick<std::int64_t>({1, 3, 15, 16, 17, 40, 70, 128});
  const std::int64_t n = random.integer(1, 140);
  const std::int64_t k = random.chance(0.2) ? random.integer(500, 1100) : random.integer(1, 300);
  Shape a = op.transpose_a ? Shape{k, m} : Shape{m, k};
  const Shape b = op.transpose_b ? Shape{n, k} : Shape{k, n};
  if (random.chance(0.3)) a = {2, a[0], a[1]};
  c.inputs = {random_terms(random, a), random_terms(random, b), std::nullopt};
  if (random.chance(0.6)) c.inputs[2] = random_terms(random, Shape{n});
  c.constant = {false, random.chance(0.5)};
  c.op = make_op<MatMul>(op);
  return c;
}

Case random_broadcast_matmul(Random& random) {
  Case c;
  MatMul op;
  const std::int64_t m = random.integer(1, 5), n = random.integer(1, 9), k = random.integer(1, 20);
  const Shape a = random.pick<Shape>({Shape{k}, Shape{2, 1, m, k}, Shape{3, m, k}});
  const Shape b = random.pick<Shape>({Shape{k, n}, Shape{3, k, n}, Shape{2, 3, k, n}, Shape{k}});
  if (random.chance(0.5)) {
    c.inputs = {random_terms(random, a), random_terms(random, b), std::nullopt};
    if (a.rank() > 1 && b.rank() > 1 && random.chance(0.6))
      c.inputs[2] = random_terms(random, random.pick<Shape>({Shape{1}, Shape{m, n}, Shape{n}}));
  } else {
    op.rule = EpilogueRule::mge_ratio;
    op.output = OutputSpec{DType::s8, Quant::per_tensor(random_scale(random))};
    const auto bytes = [&](const Shape& shape) {
      return random_tensor(random, {DType::s8, shape, kNCHW, random_quant(random, DType::s8, 0.4)});
    };
    c.inputs = {bytes(a), bytes(b), std::nullopt};
  }
  c.op = make_op<MatMul>(op);
  return c;
}

}  // namespace octet::testing
