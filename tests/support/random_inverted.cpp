#include "support/random_inverted.hpp"

#include "ops/conv.hpp"
#include "ops/subgraph.hpp"
#include "support/random_stem.hpp"

namespace octet::testing {
namespace {

OutputSpec random_s8(Random& random) {
  return {DType::s8, Quant::per_tensor(random_scale(random))};
}

// Scales that leave most results of a sum of `depth` products within s8.
OutputSpec spread_s8(Random& random, double scale, std::int64_t depth) {
  const double spread = scale * 60.0 * 60.0 * std::sqrt(static_cast<double>(depth)) / 60.0;
  return {DType::s8, Quant::per_tensor(static_cast<float>(spread) * random.number(0.5f, 2.0f))};
}

struct Layer {
  std::int64_t out, size, stride, groups;
  bool relu;
};

class BlockMaker {
 public:
  explicit BlockMaker(Random& random) : random_(random) {}

  Conv2d conv(ValueId x, const Layer& layer) {
    const TensorType& type = graph.type(x);
    const std::int64_t depth = type.shape[1] / layer.groups * layer.size * layer.size;
    filter_scale_ = random_scale(random_);
    Conv2d op;
    const std::int64_t pad = layer.size / 2;
    op.window = {{layer.stride, layer.stride}, {pad, pad, pad, pad}, {1, 1}};
    op.groups = layer.groups;
    op.rule = layer.groups == 1 ? EpilogueRule::mge_dense : EpilogueRule::mge_packed;
    op.output = spread_s8(random_, type.quant->scale() * filter_scale_, depth);
    op.activation.kind = layer.relu ? ActivationKind::relu : ActivationKind::none;
    return op;
  }
  ValueId add(Conv2d op, ValueId x, const Layer& layer, ValueId z = kNoValue) {
    const Shape filter{layer.out, graph.type(x).shape[1] / layer.groups, layer.size, layer.size};
    const ValueId w = graph.add_constant(
        random_tensor(random_, {DType::s8, filter, kNCHW, Quant::per_tensor(filter_scale_)}));
    ValueId bias = kNoValue;
    if (random_.chance(0.8))
      bias = graph.add_constant(
          random_tensor(random_, {DType::s32, Shape{layer.out}, kNCHW, std::nullopt}));
    std::vector<ValueId> inputs{x, w, bias};
    if (z != kNoValue) inputs.push_back(z);
    const ValueId y = graph.add(make_op<Conv2d>(std::move(op)), inputs);
    graph.set_layout(y, kNHWC4);
    return y;
  }

  Graph graph;

 private:
  Random& random_;
  float filter_scale_ = 1.0f;
};

}  // namespace

Case random_inverted(Random& random, std::int64_t channels, bool expands) {
  const std::int64_t in = 8 * random.integer(1, !expands ? 5 : random.chance(0.7) ? 6 : 20);
  const std::int64_t wide =
      random.chance(0.5) ? 16 * random.integer(2, 12) : 8 * random.integer(4, 24);
  const std::int64_t hidden = expands ? wide : in;
  const std::int64_t stride = random.integer(1, 2);
  const bool z = stride == 1 && random.chance(expands ? 0.6 : 0.2), same = z && random.chance(0.5);
  const std::int64_t out = same ? in : std::min(channels, 8 * random.integer(1, 20));
  const TensorType x{DType::s8,
                     Shape{random.integer(1, 3), in, random.integer(1, 30), random.integer(1, 30)},
                     kNCHW, Quant::per_tensor(random_scale(random))};
  BlockMaker maker(random);
  const ValueId input = maker.graph.add_input("x", x);
  maker.graph.set_layout(input, kNHWC4);
  const Layer expand{hidden, 1, 1, 1, random.chance(0.95)};
  const Layer depthwise{hidden, 3, stride, hidden, random.chance(0.95)};
  const Layer project{out, 1, 1, 1, random.chance(0.3)};
  ValueId y = expands ? maker.add(maker.conv(input, expand), input, expand) : input;
  y = maker.add(maker.conv(y, depthwise), y, depthwise);
  Conv2d last = maker.conv(y, project);
  Case c;
  c.inputs.push_back(random_tensor(random, x));
  ValueId added = kNoValue;
  if (z) {
    last.z_rounding = ZRounding::twice;
    last.mid = last.output;
    last.output = random_s8(random);
    added = input;
    if (!same) {
      const TensorType other{DType::s8, Shape{x.shape[0], out, x.shape[2], x.shape[3]}, kNCHW,
                             Quant::per_tensor(random_scale(random))};
      added = maker.graph.add_input("z", other);
      maker.graph.set_layout(added, kNHWC4);
      c.inputs.push_back(random_tensor(random, other));
    }
  }
  y = maker.add(std::move(last), y, project, added);
  maker.graph.add_output(y, "y");
  c.op = make_op<Subgraph>(std::move(maker.graph), "block");
  return c;
}

Case random_entry(Random& random) {
  const bool quantises = random.chance(0.6);
  const std::int64_t width =
      quantises ? 4 * random.integer(1, random.chance(0.5) ? 12 : 58) : 16 * random.integer(1, 15);
  const Shape shape{random.integer(1, 3), random.pick<std::int64_t>({3, 3, 3, 1, 2}),
                    random.integer(3, random.chance(0.3) ? 60 : 16), width};
  const OutputSpec bytes = random_s8(random);
  const TensorType x = quantises ? TensorType{DType::f32, shape, kNCHW, std::nullopt}
                                 : TensorType{bytes.dtype, shape, kNCHW, bytes.quant};
  const std::int64_t hidden = random.chance(0.8) ? 32 : random.integer(12, 36);
  BlockMaker maker(random);
  const Layer first{hidden, 3, 2, 1, random.chance(0.95)};
  const Layer depthwise{hidden, 3, random.chance(0.95) ? 1 : 2, hidden, random.chance(0.95)};
  const Layer project{8 * random.integer(1, random.chance(0.95) ? 2 : 3), 1, 1, 1,
                      random.chance(0.3)};
  ValueId y = add_bring(maker.graph, maker.graph.add_input("x", x), bytes, false);
  Conv2d conv = maker.conv(y, first);
  if (random.chance(0.3))
    for (std::int64_t& side : conv.window.pad) side = random.integer(0, 1);
  y = maker.add(std::move(conv), y, first);
  y = maker.add(maker.conv(y, depthwise), y, depthwise);
  y = maker.add(maker.conv(y, project), y, project);
  maker.graph.add_output(y, "y");
  Case c;
  c.op = make_op<Subgraph>(std::move(maker.graph), "entry");
  c.inputs.push_back(random_tensor(random, x));
  return c;
}

}  // namespace octet::testing
