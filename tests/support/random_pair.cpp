#include "support/random_pair.hpp"

#include "ops/conv.hpp"
#include "ops/subgraph.hpp"

namespace octet::testing {
namespace {

TensorType bytes(Random& random, const Shape& shape) {
  return {DType::s8, shape, kNCHW, Quant::per_tensor(random_scale(random))};
}

Conv2d random_1x1(Random& random) {
  Conv2d op;
  op.window = {{1, 1}, {0, 0, 0, 0}, {1, 1}};
  op.rule = random.chance(0.95) ? EpilogueRule::mge_dense : EpilogueRule::mge_packed;
  op.output = {DType::s8, Quant::per_tensor(random_scale(random))};
  op.activation.kind = random.pick({ActivationKind::relu, ActivationKind::none});
  return op;
}

ValueId add_conv(Random& random, Graph& graph, Conv2d op, ValueId x, std::int64_t k, ValueId z) {
  const std::int64_t c = graph.type(x).shape[1];
  const ValueId filter = graph.add_constant(random_tensor(random, bytes(random, {k, c, 1, 1})));
  ValueId bias = kNoValue;
  if (random.chance(0.7))
    bias = graph.add_constant(random_tensor(random, {DType::s32, Shape{k}, kNCHW, std::nullopt}));
  std::vector<ValueId> inputs{x, filter, bias};
  if (z != kNoValue) inputs.push_back(z);
  return graph.add(make_op<Conv2d>(std::move(op)), std::move(inputs));
}

std::int64_t multiple_of_16(Random& random, std::int64_t low, std::int64_t high) {
  return 16 * random.integer(low / 16, high / 16);
}

}  // namespace

Case random_pair(Random& random, const PairSize& size) {
  const auto upper_half = [&](std::int64_t most) {
    return multiple_of_16(random, most / 2 + 16, most);
  };
  const std::int64_t c = upper_half(size.x_channels), k = upper_half(size.r_channels);
  const std::int64_t wide = multiple_of_16(random, 16, 3 * size.x_channels);
  const std::int64_t images = random.integer(1, 3), rows = random.integer(5, 40);
  const std::int64_t least = (size.least_pixels + images * rows - 1) / (images * rows);
  const std::int64_t columns = random.integer(least, random.chance(0.3) ? 3 * least : least + 7);
  const auto map = [&](std::int64_t channels) { return Shape{images, channels, rows, columns}; };

  Graph graph;
  Case result;
  const auto add_input = [&](const char* name, std::int64_t channels) {
    const TensorType type = bytes(random, map(channels));
    result.inputs.push_back(random_tensor(random, type));
    return graph.add_input(name, type);
  };
  const ValueId x = add_input("x", c);
  Conv2d first = random_1x1(random);
  ValueId z = kNoValue;
  if (random.chance(0.7)) {
    z = add_input("z", wide);
    first.z_rounding = random.chance(0.9) ? ZRounding::twice : ZRounding::once;
    first.mid = {DType::s8, Quant::per_tensor(random_scale(random))};
    first.z_rule = QuantRule::mge;
  }
  const ValueId y = add_conv(random, graph, first, x, wide, z);
  const ValueId r = add_conv(random, graph, random_1x1(random), y, k, kNoValue);
  graph.add_output(y, "y");
  graph.add_output(r, "r");
  result.op = make_op<Subgraph>(std::move(graph), "pair");
  return result;
}

}  // namespace octet::testing
