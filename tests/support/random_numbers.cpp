#include "support/random_numbers.hpp"

#include <algorithm>

#include "ops/convert.hpp"
#include "ops/element_access.hpp"
#include "ops/elementwise.hpp"
#include "ops/image.hpp"
#include "ops/norm.hpp"
#include "ops/reduce.hpp"
#include "ops/subgraph.hpp"

namespace octet::testing {
namespace {

using Mode = ElementwiseMode;

TensorType plain(DType dtype, const Shape& shape) { return {dtype, shape, kNCHW, std::nullopt}; }

DType random_float(Random& random) {
  return random.pick({DType::f32, DType::f32, DType::f64, DType::f16, DType::bf16});
}

DType random_integer(Random& random) {
  return random.pick({DType::s8, DType::u8, DType::s16, DType::u16, DType::s32, DType::u32,
                      DType::s64, DType::u64});
}

// One scale for each index of `axis`.
Quant per_channel(Random& random, std::int64_t channels, int axis, DType dtype) {
  Quant quant;
  quant.scales.clear();
  quant.axis = axis;
  for (std::int64_t k = 0; k < channels; ++k) {
    quant.scales.push_back(random_scale(random));
    if (size_of(dtype) == 1)
      quant.zero_points.push_back(static_cast<std::int32_t>(
          random.integer(integer_range(dtype).lowest, integer_range(dtype).highest)));
  }
  return quant;
}

// Some axes of extent 1, or missing, so that the shape broadcasts to the given one.
Shape random_broadcast(Random& random, const Shape& shape) {
  Shape result;
  const auto missing = static_cast<std::size_t>(
      random.chance(0.2) ? random.integer(0, static_cast<std::int64_t>(shape.rank())) : 0);
  for (std::size_t axis = missing; axis < shape.rank(); ++axis)
    result.push_back(random.chance(0.25) ? 1 : shape[axis]);
  return result;
}

Case elementwise_case(Random& random, const Elementwise& op,
                      const std::function<TensorType(std::size_t, const Shape&)>& type, double low,
                      double high) {
  Case c;
  const Shape shape = random_small_shape(random, 12);
  const auto count = static_cast<std::size_t>(operand_count(op.mode));
  const bool broadcasts = random.chance(0.5);
  for (std::size_t i = 0; i < count; ++i)
    c.inputs.push_back(random_values(
        random, type(i, i > 0 && broadcasts ? random_broadcast(random, shape) : shape), low, high));
  c.op = make_op<Elementwise>(op);
  return c;
}

Case float_elementwise(Random& random) {
  Elementwise op;
  op.mode =
      random.pick({Mode::identity,    Mode::abs,         Mode::ceil,         Mode::floor,
                   Mode::h_sigmoid,   Mode::h_swish,     Mode::is_inf,       Mode::is_nan,
                   Mode::negate,      Mode::reciprocal,  Mode::relu,         Mode::relu6,
                   Mode::round,       Mode::round_even,  Mode::sign,         Mode::softsign,
                   Mode::square,      Mode::leaky_relu,  Mode::clip,         Mode::thresholded_relu,
                   Mode::add,         Mode::sub,         Mode::mul,          Mode::div,
                   Mode::floor_div,   Mode::min,         Mode::max,          Mode::mod,
                   Mode::prelu,       Mode::equal,       Mode::less,         Mode::greater_equal,
                   Mode::add_relu,    Mode::add_h_swish, Mode::mul_add3,     Mode::mul_add4,
                   Mode::where,       Mode::cond_lt_mov, Mode::cond_leq_mov, Mode::switch_gt0,
                   Mode::hard_sigmoid});
  op.alpha = 0.25f;
  op.beta = 3.5f;
  const DType dtype = random_float(random);
  const bool where = op.mode == Mode::where;
  return elementwise_case(
      random, op,
      [&](std::size_t i, const Shape& s) {
        return plain(where && i == 0 ? DType::boolean : dtype, s);
      },
      where ? 0.0 : -9.0, 9.0);
}

Case integer_elementwise(Random& random) {
  Elementwise op;
  op.mode = random.pick({Mode::identity, Mode::abs,         Mode::negate,     Mode::relu,
                         Mode::sign,     Mode::square,      Mode::clip,       Mode::add,
                         Mode::sub,      Mode::mul,         Mode::div,        Mode::floor_div,
                         Mode::min,      Mode::max,         Mode::mod,        Mode::fmod,
                         Mode::pow,      Mode::equal,       Mode::less_equal, Mode::shift_left,
                         Mode::greater,  Mode::shift_right, Mode::add_relu,   Mode::mul_add3});
  op.alpha = -3.0f;
  op.beta = 50.0f;
  const DType dtype = random_integer(random);
  const bool is_signed =
      dtype == DType::s8 || dtype == DType::s16 || dtype == DType::s32 || dtype == DType::s64;
  return elementwise_case(
      random, op, [&](std::size_t, const Shape& s) { return plain(dtype, s); },
      is_signed ? -100.0 : 0.0, 100.0);
}

Case boolean_elementwise(Random& random) {
  Elementwise op;
  op.mode = random.pick({Mode::logical_not, Mode::logical_and, Mode::logical_or, Mode::logical_xor,
                         Mode::equal, Mode::identity});
  return elementwise_case(
      random, op, [](std::size_t, const Shape& s) { return plain(DType::boolean, s); }, 0.0, 1.0);
}

DType random_quantised(Random& random) {
  return random.pick({DType::s8, DType::u8, DType::s16, DType::u16, DType::s32});
}

Case quantised_elementwise(Random& random) {
  Elementwise op;
  op.mode = random.pick({Mode::add, Mode::mul, Mode::sub, Mode::max, Mode::mul_add3, Mode::mul_add4,
                         Mode::relu, Mode::h_swish, Mode::add_relu, Mode::clip, Mode::where});
  op.alpha = -1.0f;
  op.beta = 2.0f;
  op.rule = random.pick({QuantRule::mge, QuantRule::onnx, QuantRule::mge_division});
  OutputSpec output;
  output.dtype = random_quantised(random);
  output.quant = Quant::per_tensor(random_scale(random));
  op.output = output;
  const bool where = op.mode == Mode::where;
  return elementwise_case(
      random, op,
      [&](std::size_t i, const Shape& s) {
        if (where && i == 0) return plain(DType::boolean, s);
        const DType dtype = random_quantised(random);
        return TensorType{dtype, s, kNCHW, Quant::per_tensor(random_scale(random))};
      },
      0.0, where ? 1.0 : 120.0);
}

}  // namespace

Tensor random_values(Random& random, const TensorType& type, double low, double high) {
  Tensor tensor(type);
  // As a plain number of its type.
  const TensorType stored{type.dtype, type.shape, kNCHW, std::nullopt};
  const ElementWriter writer(View(stored, tensor.mutable_data()), QuantRule::mge);
  for (std::int64_t i = 0; i < type.shape.elements(); ++i) {
    const double value =
        is_float(type.dtype)
            ? double{random.number(static_cast<float>(low), static_cast<float>(high))}
            : static_cast<double>(
                  random.integer(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
    writer.write(i, 1, 1, &value);
  }
  return tensor;
}

Shape random_small_shape(Random& random, std::int64_t most) {
  Shape shape;
  for (std::int64_t axis = random.integer(1, 4); axis > 0; --axis)
    shape.push_back(random.integer(1, most));
  return shape;
}

Case random_elementwise(Random& random) {
  switch (random.integer(0, 5)) {
    case 0: return boolean_elementwise(random);
    case 1: return integer_elementwise(random);
    case 2: return quantised_elementwise(random);
    default: return float_elementwise(random);
  }
}

Case random_transcendental(Random& random) {
  Elementwise op;
  op.mode = random.pick(
      {Mode::exp,         Mode::log,      Mode::log1p, Mode::sigmoid, Mode::silu,       Mode::tanh,
       Mode::sin,         Mode::cos,      Mode::erf,   Mode::gelu,    Mode::softplus,   Mode::mish,
       Mode::elu,         Mode::selu,     Mode::atan,  Mode::asinh,   Mode::sinh,       Mode::sqrt,
       Mode::add_sigmoid, Mode::add_tanh, Mode::pow,   Mode::atan2,   Mode::log_sum_exp});
  op.alpha = 1.5f;
  op.beta = 1.0f;
  return elementwise_case(
      random, op, [](std::size_t, const Shape& s) { return plain(DType::f32, s); }, 0.1, 4.0);
}

Case random_cast(Random& random) {
  Case c;
  Cast op;
  const DType from = random.chance(0.5) ? random_float(random) : random_integer(random);
  op.dtype = random.chance(0.4) ? random_float(random)
                                : (random.chance(0.1) ? DType::boolean : random_integer(random));
  c.inputs.push_back(random_values(random, plain(from, random_small_shape(random, 12)), 0.0,
                                   random.pick({1.0, 200.0, 70000.0})));
  c.op = make_op<Cast>(op);
  return c;
}

Case random_convert_any(Random& random) {
  Case c;
  Convert op;
  op.rule = random.pick({QuantRule::mge, QuantRule::onnx, QuantRule::mge_division});
  const Shape shape{random.integer(1, 3), random.integer(1, 40), random.integer(1, 8),
                    random.integer(1, 8)};
  const int axis = static_cast<int>(random.integer(0, 3));
  const auto channels = shape[static_cast<std::size_t>(axis)];
  const auto quantised = [&](DType dtype) {
    return random.chance(0.5) ? per_channel(random, channels, axis, dtype)
                              : random_quant(random, dtype, size_of(dtype) == 1 ? 0.4 : 0.0);
  };
  TensorType x = plain(
      random.pick({DType::f32, DType::f16, DType::s8, DType::u8, DType::s16, DType::s32}), shape);
  if (!is_float(x.dtype) && random.chance(0.8)) x.quant = quantised(x.dtype);
  const bool dequantises = x.quant && random.chance(0.3);
  op.output.dtype =
      dequantises
          ? random.pick({DType::f32, DType::f16, DType::s32})
          : random.pick({DType::s8, DType::u8, DType::s16, DType::s32, DType::s4, DType::u4});
  if (!dequantises) op.output.quant = quantised(op.output.dtype);
  c.inputs.push_back(random_values(random, x, x.dtype == DType::u8 ? 0.0 : -100.0, 100.0));
  c.op = make_op<Convert>(op);
  return c;
}

Case random_quantize_by_input(Random& random) {
  Case c;
  QuantizeByInput op;
  op.dequantize = random.chance(0.5);
  const DType integers = random.pick({DType::s8, DType::u8, DType::s16, DType::u16});
  op.dtype = integers;
  const Shape shape = random_small_shape(random, 10);
  op.axis = static_cast<int>(random.integer(0, static_cast<std::int64_t>(shape.rank()) - 1));
  const bool channels = random.chance(0.5);
  const Shape scales = channels ? Shape{shape[static_cast<std::size_t>(op.axis)]} : Shape{};
  c.inputs.push_back(random_values(random, plain(op.dequantize ? integers : DType::f32, shape),
                                   op.dequantize ? 0.0 : -20.0, 100.0));
  c.inputs.push_back(random_values(random, plain(DType::f32, scales), 0.01, 0.5));
  if (random.chance(0.7))
    c.inputs.push_back(random_values(random, plain(integers, scales), 0.0, 100.0));
  else c.inputs.emplace_back();
  c.op = make_op<QuantizeByInput>(op);
  return c;
}

Case random_dynamic_quantize(Random& random) {
  Case c;
  const double low = random.pick({-20.0, 0.0, 3.0});
  c.inputs.push_back(random_values(random, plain(DType::f32, random_small_shape(random, 20)), low,
                                   random.pick({0.0, 7.0}) + std::max(low, 0.0)));
  c.op = make_op<DynamicQuantize>();
  return c;
}

Case random_chain(Random& random) {
  Case c;
  Graph graph;
  const Shape shape = random_small_shape(random, 12);
  const bool bytes = random.chance(0.5);  // every operand and the output
  const auto operand_type = [&](const Shape& s) {
    if (!bytes && random.chance(0.6)) return plain(DType::f32, s);
    const DType dtype = bytes ? random.pick({DType::s8, DType::u8}) : random_quantised(random);
    return TensorType{dtype, s, kNCHW, random_quant(random, dtype, size_of(dtype) == 1 ? 0.4 : 0)};
  };
  const auto add_operand = [&](const Shape& s) {
    const TensorType type = operand_type(s);
    c.inputs.push_back(random_values(random, type, 0.0, type.quant ? 100.0 : 5.0));
    return graph.add_input("x" + std::to_string(c.inputs.size()), type);
  };
  ValueId last = add_operand(shape);
  for (std::int64_t step = random.integer(1, 5); step >= 0; --step) {
    if (random.chance(0.3)) {
      Convert op;
      op.rule = random.pick({QuantRule::mge, QuantRule::onnx});
      const bool quantised = graph.type(last).quant.has_value();
      if (!quantised || random.chance(0.5)) {
        op.output.dtype = random.pick({DType::s8, DType::u8});
        op.output.quant = random_quant(random, op.output.dtype, 0.4);
      }
      last = graph.add(make_op<Convert>(op), {last});
      continue;
    }
    Elementwise op;
    op.mode = random.pick({Mode::add, Mode::mul, Mode::relu, Mode::h_swish, Mode::clip, Mode::max,
                           Mode::leaky_relu, Mode::mul_add3});
    op.alpha = 0.125f;
    op.beta = 4.0f;
    std::vector<ValueId> operands{last};
    while (operands.size() < static_cast<std::size_t>(operand_count(op.mode))) {
      const bool again = c.inputs.size() >= (bytes ? 2u : 4u) || random.chance(0.3);
      operands.push_back(again ? last : add_operand(random_broadcast(random, shape)));
    }
    const bool any_quantised = std::any_of(operands.begin(), operands.end(), [&](ValueId id) {
      return graph.type(id).quant.has_value();
    });
    if (any_quantised || random.chance(0.2)) {
      OutputSpec output;
      if (random.chance(0.6)) {
        output.dtype = random.pick({DType::s8, DType::u8});
        output.quant = random_quant(random, output.dtype, 0.4);
      }
      op.output = output;
    }
    last = graph.add(make_op<Elementwise>(op), operands);
  }
  if (bytes && !graph.type(last).quant) {
    Convert op;
    op.output = {DType::s8, Quant::per_tensor(random_scale(random))};
    last = graph.add(make_op<Convert>(op), {last});
  }
  graph.add_output(last, "y");
  c.op = make_op<Subgraph>(std::move(graph), "chain");
  return c;
}

Case random_reduce(Random& random) {
  Case c;
  Reduce op;
  op.mode =
      random.pick({ReduceMode::sum, ReduceMode::mean, ReduceMode::max, ReduceMode::min,
                   ReduceMode::product, ReduceMode::sum_square, ReduceMode::l1, ReduceMode::l2});
  const Shape shape = random_small_shape(random, random.pick<std::int64_t>({6, 12}));
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    if (random.chance(0.4)) op.axes.push_back(static_cast<std::int64_t>(axis));
  op.keep_dims = random.chance(0.5);
  TensorType x = plain(random.chance(0.6) ? random_float(random) : random_integer(random), shape);
  const bool selects = op.mode == ReduceMode::max || op.mode == ReduceMode::min;
  if ((selects || op.mode == ReduceMode::sum) && random.chance(0.3)) {
    x.dtype = random.pick({DType::s8, DType::u8, DType::s32});
    x.quant = random_quant(random, x.dtype, x.dtype == DType::s32 ? 0.0 : 0.4);
  }
  const bool is_product = op.mode == ReduceMode::product;
  c.inputs.push_back(random_values(random, x, is_product ? 1.0 : 0.0, is_product ? 1.5 : 90.0));
  c.op = make_op<Reduce>(op);
  return c;
}

Case random_log_reduce(Random& random) {
  Case c;
  Reduce op;
  op.mode = random.pick({ReduceMode::log_sum, ReduceMode::log_sum_exp});
  op.axes = {0};
  c.inputs.push_back(
      random_values(random, plain(DType::f32, random_small_shape(random, 20)), 0.5, 9.0));
  c.op = make_op<Reduce>(op);
  return c;
}

// Long along `axis` where it is long at all: a kernel takes a line with many threads.
Shape random_lines(Random& random, std::int64_t* axis) {
  Shape shape = random_small_shape(random, 5);
  *axis = random.integer(0, static_cast<std::int64_t>(shape.rank()) - 1);
  if (random.chance(0.3)) shape[static_cast<std::size_t>(*axis)] = random.integer(100, 400);
  return shape;
}

// Of a type whose elements can be compared, with many equal ones.
Tensor comparable(Random& random, const Shape& shape) {
  const DType dtype = random.chance(0.5) ? random_float(random) : random_integer(random);
  TensorType type = plain(dtype, shape);
  if (random.chance(0.2)) {
    type.dtype = DType::u8;
    type.quant = random_quant(random, DType::u8, 0.4);
  }
  return random_values(random, type, 0.0, 9.0);
}

Case random_arg_reduce(Random& random) {
  Case c;
  ArgReduce op;
  const Shape shape = random_lines(random, &op.axis);
  op.largest = random.chance(0.5);
  op.last = random.chance(0.5);
  op.keep_dims = random.chance(0.5);
  op.dtype = random.pick({DType::s32, DType::s64});
  c.inputs.push_back(comparable(random, shape));
  c.op = make_op<ArgReduce>(op);
  return c;
}

Case random_topk(Random& random) {
  Case c;
  TopK op;
  const Shape shape = random_lines(random, &op.axis);
  op.largest = random.chance(0.5);
  op.index_dtype = random.pick({DType::s32, DType::s64});
  c.inputs.push_back(comparable(random, shape));
  const std::int64_t extent = shape[static_cast<std::size_t>(op.axis)];
  const std::array<std::int64_t, 1> k{random.integer(0, std::min<std::int64_t>(9, extent))};
  c.inputs.push_back(Tensor::from<std::int64_t>(plain(DType::s64, Shape{1}), k));
  c.constant = {false, true};
  c.op = make_op<TopK>(op);
  return c;
}

Case random_cumsum(Random& random) {
  Case c;
  CumSum op;
  op.exclusive = random.chance(0.5);
  op.reverse = random.chance(0.5);
  const Shape shape = random_small_shape(random, 20);
  const DType dtype = random.chance(0.5) ? random_float(random) : random_integer(random);
  c.inputs.push_back(random_values(random, plain(dtype, shape), 0.0, 50.0));
  const std::array<std::int64_t, 1> axis{
      random.integer(0, static_cast<std::int64_t>(shape.rank()) - 1)};
  c.inputs.push_back(Tensor::from<std::int64_t>(plain(DType::s64, Shape{1}), axis));
  c.constant = {false, true};
  c.op = make_op<CumSum>(op);
  return c;
}

Case random_softmax(Random& random) {
  Case c;
  Softmax op;
  Shape shape = random_lines(random, &op.axis);
  // Every way to keep a line: few values a thread, many, and none.
  if (random.chance(0.2)) {
    shape = {2, random.pick<std::int64_t>({1000, 3000, 5000})};
    op.axis = 1;
  }
  op.log = random.chance(0.4);
  op.flatten_from = random.chance(0.3);
  TensorType x = plain(DType::f32, shape);
  if (random.chance(0.3)) {
    x.dtype = DType::s8;
    x.quant = Quant::per_tensor(0.05f);
    op.output = OutputSpec{DType::u8, Quant::per_tensor(1.0f / 256.0f)};
    op.log = false;
  }
  c.inputs.push_back(random_values(random, x, -9.0, 9.0));
  c.op = make_op<Softmax>(op);
  return c;
}

Case random_batch_norm(Random& random) {
  Case c;
  const Shape shape{random.integer(1, 3), random.integer(1, 20), random.integer(1, 9)};
  const Shape channels{shape[1]};
  const DType dtype = random_float(random);
  c.inputs.push_back(random_values(random, plain(dtype, shape), -9.0, 9.0));
  for (int i = 0; i < 3; ++i)
    c.inputs.push_back(random_values(random, plain(DType::f32, channels), -2.0, 2.0));
  c.inputs.push_back(random_values(random, plain(DType::f32, channels), 0.1, 4.0));
  c.op = make_op<BatchNorm>();
  return c;
}

Case random_instance_norm(Random& random) {
  Case c;
  const Shape shape{random.integer(1, 3), random.integer(1, 9), random.integer(1, 9),
                    random.integer(1, 9)};
  c.inputs.push_back(random_values(random, plain(random_float(random), shape), -9.0, 9.0));
  for (int i = 0; i < 2; ++i)
    c.inputs.push_back(random_values(random, plain(DType::f32, Shape{shape[1]}), -2.0, 2.0));
  c.op = make_op<InstanceNorm>();
  return c;
}

Case random_layer_norm(Random& random) {
  Case c;
  LayerNorm op;
  const Shape shape = random_small_shape(random, 12);
  op.axes = random.integer(1, static_cast<std::int64_t>(shape.rank()));
  op.keep_dims = random.chance(0.5);
  Shape normalised;
  for (std::size_t axis = shape.rank() - static_cast<std::size_t>(op.axes); axis < shape.rank();
       ++axis)
    normalised.push_back(shape[axis]);
  c.inputs.push_back(random_values(random, plain(random_float(random), shape), -9.0, 9.0));
  for (int i = 0; i < 2; ++i) {
    if (random.chance(0.6))
      c.inputs.push_back(random_values(random, plain(DType::f32, normalised), -2.0, 2.0));
    else c.inputs.emplace_back();
  }
  c.op = make_op<LayerNorm>(op);
  return c;
}

Case random_local_response_norm(Random& random) {
  Case c;
  LocalResponseNorm op;
  op.size = random.integer(1, 6);
  op.alpha = 0.5f;
  const Shape shape{random.integer(1, 3), random.integer(1, 12), random.integer(1, 6)};
  c.inputs.push_back(random_values(random, plain(DType::f32, shape), -9.0, 9.0));
  c.op = make_op<LocalResponseNorm>(op);
  return c;
}

Case random_resize(Random& random) {
  Case c;
  Resize op;
  op.interpolation =
      random.pick({Interpolation::nearest, Interpolation::linear, Interpolation::cubic});
  op.coordinates = random.pick({CoordinateMode::half_pixel, CoordinateMode::align_corners,
                                CoordinateMode::asymmetric, CoordinateMode::tf_crop_and_resize});
  op.nearest = random.pick({NearestMode::floor, NearestMode::round_prefer_floor});
  op.mge = random.chance(0.3) && op.interpolation != Interpolation::cubic &&
           op.coordinates == CoordinateMode::half_pixel;
  const Shape shape{random.integer(1, 2), random.integer(1, 3), random.integer(1, 9),
                    random.integer(1, 9)};
  TensorType x = plain(random.pick({DType::f32, DType::s8, DType::u8}), shape);
  if (x.dtype != DType::f32) x.quant = random_quant(random, x.dtype, 0.4);
  const bool crops = op.coordinates == CoordinateMode::tf_crop_and_resize;
  if (crops && x.dtype == DType::f32) op.extrapolation = 3.5f;
  c.inputs.push_back(random_values(random, x, 0.0, 100.0));
  c.inputs.emplace_back();
  const std::array<std::int64_t, 4> sizes{shape[0], shape[1], random.integer(1, 15),
                                          random.integer(1, 15)};
  c.inputs.push_back(Tensor::from<std::int64_t>(plain(DType::s64, Shape{4}), sizes));
  const std::array<float, 8> roi{0.0f, 0.0f, -0.2f, 0.1f, 1.0f, 1.0f, 0.8f, 1.3f};
  if (crops) c.inputs.push_back(Tensor::from<float>(plain(DType::f32, Shape{8}), roi));
  c.constant = {false, true, true, true};
  c.op = make_op<Resize>(op);
  return c;
}

Case random_warp(Random& random) {
  Case c;
  WarpPerspective op;
  op.border = random.pick({BorderMode::replicate, BorderMode::reflect, BorderMode::reflect_101,
                           BorderMode::wrap, BorderMode::constant});
  op.border_value = 7.0f;
  const Shape shape{random.integer(1, 3), random.integer(1, 3), random.integer(1, 9),
                    random.integer(1, 9)};
  TensorType x = plain(random.pick({DType::f32, DType::s8, DType::u8}), shape);
  if (x.dtype != DType::f32) x.quant = random_quant(random, x.dtype, 0.4);
  c.inputs.push_back(random_values(random, x, 0.0, 100.0));
  Tensor matrices = random_values(random, plain(DType::f32, Shape{shape[0], 3, 3}), -1.5, 1.5);
  for (std::int64_t n = 0; n < shape[0]; ++n)  // the denominator stays away from 0
    matrices.mutable_values<float>()[static_cast<std::size_t>(n * 9 + 8)] = 30.0f;
  c.inputs.push_back(std::move(matrices));
  const std::array<std::int64_t, 2> size{random.integer(1, 9), random.integer(1, 9)};
  c.inputs.push_back(Tensor::from<std::int64_t>(plain(DType::s64, Shape{2}), size));
  c.constant = {false, false, true};
  c.op = make_op<WarpPerspective>(op);
  return c;
}

}  // namespace octet::testing
