#include "support/random_stem.hpp"

#include <limits>

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/subgraph.hpp"

namespace octet::testing {
namespace {

struct Geometry {
  Shape x, w;
  Window2d window;
};

Geometry random_geometry(Random& random) {
  Geometry g;
  const std::int64_t r = random.pick<std::int64_t>({7, 7, 3, 3, 5, 6});
  const std::int64_t s = random.chance(0.8) ? r : random.integer(1, 7);
  const std::int64_t pad = random.chance(0.8) ? std::min<std::int64_t>(s / 2, 3) : 0;
  g.window = {{2, 2}, {r / 2, pad, r / 2, pad}, {1, 1}};
  const std::int64_t channels = random.pick<std::int64_t>({3, 3, 3, 1, 2});
  // Up to three tiles of columns.
  const std::int64_t width =
      random.chance(0.5) ? 16 * random.integer(1, 8) : 16 * random.integer(9, 32);
  g.x = Shape{random.integer(1, 3), channels, 4 * random.integer(2, 9), width};
  g.w = Shape{16 * random.integer(1, 4), channels, r, s};
  return g;
}

Conv2d random_conv(Random& random, const Window2d& window, bool onnx) {
  Conv2d op;
  op.window = window;
  op.rule = onnx ? EpilogueRule::onnx : EpilogueRule::mge_dense;
  op.output.dtype = onnx ? random.pick({DType::s8, DType::u8}) : DType::s8;
  op.output.quant = random_quant(random, op.output.dtype, onnx ? 0.5 : 0.0);
  op.activation.kind =
      random.pick({ActivationKind::relu, ActivationKind::none, ActivationKind::clip});
  if (op.activation.kind == ActivationKind::clip) op.activation.beta = random.number(0.5f, 6.0f);
  return op;
}

ValueId add_filter(Random& random, Graph& graph, const Shape& shape, bool onnx) {
  TensorType type{DType::s8, shape, kNCHW, Quant::per_tensor(random_scale(random))};
  if (onnx) {
    type.quant->axis = 0;
    for (std::int64_t k = 1; k < shape[0]; ++k) type.quant->scales.push_back(random_scale(random));
  }
  return graph.add_constant(random_tensor(random, type));
}

}  // namespace

ValueId add_bring(Graph& graph, ValueId x, const OutputSpec& q, bool onnx) {
  ValueId y = kNoValue;
  if (graph.type(x).dtype == DType::f32) {
    Convert op;
    op.output = q;
    op.rule = onnx ? QuantRule::onnx : QuantRule::mge;
    y = graph.add(make_op<Convert>(op), {x});
  } else {
    Relayout op;
    op.layout = kNHWC4;
    y = graph.add(make_op<Relayout>(op), {x});
  }
  graph.set_layout(y, kNHWC4);
  return y;
}

Case random_stem(Random& random) {
  const Geometry g = random_geometry(random);
  const bool onnx = random.chance(0.5);
  OutputSpec q;
  q.dtype = onnx ? random.pick({DType::s8, DType::u8}) : DType::s8;
  q.quant = random_quant(random, q.dtype, onnx ? 0.7 : 0.0);
  const TensorType x = random.chance(0.5) ? TensorType{DType::f32, g.x, kNCHW, std::nullopt}
                                          : TensorType{q.dtype, g.x, kNCHW, q.quant};
  Graph graph;
  const ValueId bytes = add_bring(graph, graph.add_input("x", x), q, onnx);
  const ValueId filter = add_filter(random, graph, g.w, onnx);
  ValueId bias = kNoValue;
  if (random.chance(0.7))
    bias =
        graph.add_constant(random_tensor(random, {DType::s32, Shape{g.w[0]}, kNCHW, std::nullopt}));
  ValueId y =
      graph.add(make_op<Conv2d>(random_conv(random, g.window, onnx)), {bytes, filter, bias});
  graph.set_layout(y, kNHWC4);
  if (random.chance(0.6)) {
    Pool2d op;
    op.kernel = {3, 3};
    op.window = {{2, 2}, {1, 1, 1, 1}, {1, 1}};
    op.rule = onnx ? QuantRule::onnx : QuantRule::mge;
    y = graph.add(make_op<Pool2d>(op), {y});
    graph.set_layout(y, kNHWC4);
  }
  graph.add_output(y, "y");
  Case c;
  c.op = make_op<Subgraph>(std::move(graph), "stem");
  c.inputs.push_back(random_tensor(random, x));
  return c;
}

void scatter_odd_floats(Random& random, Tensor& x) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (float& value : x.mutable_values<float>())
    if (random.chance(0.05))
      value = random.pick(
          {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity, 3e38f, -0.0f, 1e-40f});
}

}  // namespace octet::testing
