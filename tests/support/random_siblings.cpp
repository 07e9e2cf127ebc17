#include "support/random_siblings.hpp"

#include "ops/conv.hpp"
#include "ops/subgraph.hpp"

namespace octet::testing {
namespace {

Conv2d random_sibling(Random& random, std::int64_t filter, bool onnx) {
  Conv2d op;
  const std::int64_t stride = random.integer(1, 2), pad = random.chance(0.8) ? filter / 2 : 0;
  op.window = {{stride, stride}, {pad, pad, pad, pad}, {1, 1}};
  op.rule = onnx ? EpilogueRule::onnx : EpilogueRule::mge_dense;
  op.output.dtype = onnx ? random.pick({DType::s8, DType::u8}) : DType::s8;
  op.output.quant = random_quant(random, op.output.dtype, onnx ? 0.5 : 0.0);
  op.activation.kind = random.pick({ActivationKind::relu, ActivationKind::none});
  return op;
}

ValueId add_sibling(Random& random, Graph& graph, ValueId x, bool onnx) {
  const std::int64_t channels = graph.type(x).shape[1], filters = 16 * random.integer(1, 20);
  const std::int64_t size = random.pick<std::int64_t>({1, 1, 3});
  TensorType type{DType::s8, Shape{filters, channels, size, size}, kNCHW,
                  Quant::per_tensor(random_scale(random))};
  if (onnx) {
    type.quant->axis = 0;
    for (std::int64_t k = 1; k < filters; ++k) type.quant->scales.push_back(random_scale(random));
  }
  const ValueId filter = graph.add_constant(random_tensor(random, type));
  ValueId bias = kNoValue;
  if (random.chance(0.7))
    bias = graph.add_constant(
        random_tensor(random, {DType::s32, Shape{filters}, kNCHW, std::nullopt}));
  const ValueId y =
      graph.add(make_op<Conv2d>(random_sibling(random, size, onnx)), {x, filter, bias});
  graph.set_layout(y, kNHWC4);
  return y;
}

}  // namespace

Case random_siblings(Random& random) {
  const bool onnx = random.chance(0.5);
  const DType dtype = onnx ? random.pick({DType::s8, DType::u8}) : DType::s8;
  // Now and then more pixels than the blocks of a device have in one wave.
  const std::int64_t most = random.chance(0.2) ? 90 : 20;
  const TensorType x{dtype,
                     Shape{random.integer(1, 3), 16 * random.integer(1, 12),
                           random.integer(3, most), random.integer(3, most)},
                     kNHWC4, random_quant(random, dtype, 0.0)};
  Graph graph;
  const ValueId input = graph.add_input("x", x);
  const ValueId first = add_sibling(random, graph, input, onnx);
  const ValueId second = add_sibling(random, graph, input, onnx);
  graph.add_output(first, "first");
  graph.add_output(second, "second");
  Case c;
  c.op = make_op<Subgraph>(std::move(graph), "siblings");
  TensorType plain = x;
  plain.layout = kNCHW;
  c.inputs.push_back(random_tensor(random, plain));
  return c;
}

}  // namespace octet::testing
