#include "passes/cancel_transposes.hpp"

#include <algorithm>
#include <numeric>

#include "ops/conv.hpp"
#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

ValueId to_nchw4(Graph& graph, ValueId x) {
  const Shape s = graph.type(x).shape;
  return transpose(graph, reshape(graph, x, {s[0], s[1] / 4, 4, s[2], s[3]}), {0, 1, 3, 4, 2});
}

ValueId from_nchw4(Graph& graph, ValueId x) {
  const Shape s = graph.type(x).shape;
  return reshape(graph, transpose(graph, x, {0, 1, 4, 2, 3}), {s[0], s[1] * 4, s[2], s[3]});
}

ValueId to_chwn4(Graph& graph, ValueId x) {
  const Shape s = graph.type(x).shape;
  return transpose(graph, reshape(graph, x, {s[0], s[1] / 4, 4, s[2], s[3]}), {1, 3, 4, 0, 2});
}

ValueId from_chwn4(Graph& graph, ValueId x) {
  const Shape s = graph.type(x).shape;
  return reshape(graph, transpose(graph, x, {3, 0, 4, 1, 2}), {s[3], s[0] * 4, s[1], s[2]});
}

// As a reader lowers a convolution that the file stores in a packed layout.
ValueId packed_conv(Graph& graph, ValueId packed, std::uint32_t seed) {
  Conv2d op;
  op.output = {DType::s8, Quant::per_tensor(0.5f)};
  const ValueId w = add_random(graph, s8({8, 8, 1, 1}, 0.01f), seed);
  return to_nchw4(graph, graph.add(make_op<Conv2d>(op), {from_nchw4(graph, packed), w}));
}

ValueId relu(Graph& graph, ValueId x) { return elementwise(graph, ElementwiseMode::relu, {x}); }

ValueId add_relu(Graph& graph, ValueId a, ValueId b) {
  return elementwise(graph, ElementwiseMode::add_relu, {a, b},
                     OutputSpec{DType::s8, Quant::per_tensor(0.5f)});
}

TEST(CancelTransposes, JoinsChains) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3, 4, 5}));
  const ValueId nhwc = transpose(graph, x, {0, 2, 3, 1});
  graph.add_output(reshape(graph, transpose(graph, nhwc, {0, 3, 1, 2}), {2, 60}), "y");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(shorter), "reshape");
}

TEST(CancelTransposes, KeepsWhatInBetweenIsRead) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3, 4, 5}));
  const ValueId nhwc = transpose(graph, x, {0, 2, 3, 1});
  graph.add_output(relu(graph, nhwc), "y");
  graph.add_output(relu(graph, transpose(graph, nhwc, {0, 3, 1, 2})), "z");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(shorter), "transpose,elementwise,elementwise");
}

TEST(CancelTransposes, FreesAResidualNetworkInPackedLayouts) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({1, 8, 3, 5}, 0.5f));
  ValueId trunk = packed_conv(graph, to_nchw4(graph, x), 1);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const ValueId inner = relu(graph, packed_conv(graph, trunk, 2 * block + 2));
    trunk = add_relu(graph, trunk, packed_conv(graph, inner, 2 * block + 3));
  }
  graph.add_output(from_nchw4(graph, trunk), "y");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(shorter),
            "conv2d,conv2d,elementwise,conv2d,elementwise,conv2d,elementwise,conv2d,elementwise,"
            "conv2d,elementwise,conv2d,elementwise");
}

TEST(CancelTransposes, ChangesFromOnePackedLayoutToAnother) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({2, 8, 3, 5}, 0.5f));
  const ValueId a = relu(graph, to_nchw4(graph, x));
  const ValueId b = to_chwn4(graph, from_nchw4(graph, a));
  const ValueId real = to_f32(graph, relu(graph, b));
  graph.add_output(from_chwn4(graph, real), "y");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(shorter), "elementwise,elementwise,convert");
}

TEST(CancelTransposes, TakesConstantsAndBroadcastsAlong) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 8, 3, 5}));
  const ValueId scale = graph.add_input("scale", f32({2, 8, 1, 1}));
  const ValueId bias = add_random(graph, f32({1, 2, 1, 1, 4}));
  const ValueId one = add_random(graph, f32({1, 1, 1, 1, 1}));
  const ValueId scaled =
      elementwise(graph, ElementwiseMode::mul, {to_nchw4(graph, x), to_nchw4(graph, scale)});
  const ValueId shifted = elementwise(graph, ElementwiseMode::add, {scaled, bias});
  const ValueId y = elementwise(graph, ElementwiseMode::mul, {one, shifted});
  graph.add_output(from_nchw4(graph, y), "y");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  // What is left are the constants' own, which folding takes.
  for (const NodeId id : shorter.order()) {
    const Node& node = shorter.node(id);
    EXPECT_TRUE(node.kind() == "elementwise" || shorter.value(node.inputs[0]).is_constant() ||
                shorter.known(node.inputs[0]) != nullptr)
        << to_text(shorter);
  }
}

TEST(CancelTransposes, ComputesNothingTwice) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 8, 3, 5}));
  const ValueId packed = relu(graph, to_nchw4(graph, x));
  graph.add_output(from_nchw4(graph, packed), "plain");
  graph.add_output(packed, "packed");
  const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(shorter), "elementwise,reshape,transpose");
}

TEST(CancelTransposes, LeavesWhatDoesNotCancel) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 8, 3, 5}));
  const ValueId y = graph.add_input("y", f32({2, 2, 3, 5, 4}));
  const ValueId sum = elementwise(graph, ElementwiseMode::add, {to_nchw4(graph, x), y});
  graph.add_output(from_nchw4(graph, sum), "z");
  const Graph same = expect_same_results(graph, {cancel_transposes_pass()});
  EXPECT_EQ(kinds(same), kinds(graph));
}

TEST(CancelTransposes, LeavesScalesAlongAnAxisAlone) {
  Graph graph;
  TensorType type = s8({2, 3, 4}, 1.0f);
  type.quant = Quant{{1.0f, 2.0f, 3.0f}, {}, 1};
  const ValueId x = graph.add_input("x", type);
  graph.add_output(transpose(graph, transpose(graph, x, {0, 2, 1}), {0, 2, 1}), "y");
  const Graph same = after({cancel_transposes_pass()}, graph);
  EXPECT_EQ(kinds(same), "transpose,transpose");
}

class RandomGraph {
 public:
  explicit RandomGraph(std::uint32_t seed) : random_(seed) {}

  Graph make() {
    Graph graph;
    std::vector<ValueId> values;
    for (const char* name : {"a", "b"})
      values.push_back(graph.add_input(name, f32(Shape{2, 4, 3, 2})));
    for (int i = 0; i < 24; ++i) values.push_back(add(graph, values));
    for (int i = 0; i < 3; ++i) graph.add_output(pick(values), "y" + std::to_string(i));
    return graph;
  }

 private:
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  ValueId pick(const std::vector<ValueId>& values) { return values[below(values.size())]; }

  ValueId add(Graph& graph, const std::vector<ValueId>& values) {
    const ValueId x = pick(values);
    switch (below(4)) {
      case 0: {
        std::vector<std::int64_t> permutation(graph.type(x).shape.rank());
        std::iota(permutation.begin(), permutation.end(), 0);
        std::shuffle(permutation.begin(), permutation.end(), random_);
        return transpose(graph, x, permutation);
      }
      case 1: {  // another way to cut 48 elements into axes, more often than not one seen before
        const std::vector<std::vector<std::int64_t>> shapes = {
            {2, 4, 3, 2}, {2, 2, 2, 3, 2}, {8, 6}, {2, 12, 2}, {48}, {2, 1, 4, 6}};
        return reshape(graph, x, shapes[below(shapes.size())]);
      }
      case 2: return elementwise(graph, ElementwiseMode::negate, {x});
      default: {
        const ValueId y = pick(values);
        const bool fits = graph.type(x).shape == graph.type(y).shape;
        return elementwise(graph, ElementwiseMode::sub, {x, fits ? y : x});
      }
    }
  }

  std::mt19937 random_;
};

TEST(CancelTransposes, KeepsTheBitsOfRandomGraphs) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    Graph graph = RandomGraph(seed).make();
    graph.compact();
    const Graph shorter = expect_same_results(graph, {cancel_transposes_pass()});
    EXPECT_LE(count(shorter, "transpose"), count(graph, "transpose"));
    EXPECT_LE(count(shorter, "elementwise"), count(graph, "elementwise"));
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << "\n" << to_text(graph);
  }
}

TEST(CancelTransposes, FollowsNoEndlessWays) {
  // The way up is longer than any that is followed, however it is cut by shared operands.
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3}));
  std::vector<ValueId> values{transpose(graph, x, {1, 0})};
  for (int i = 0; i < 500; ++i)
    values.push_back(
        elementwise(graph, ElementwiseMode::add,
                    {values.back(), values[values.size() > 60 ? values.size() - 60 : 0]}));
  graph.add_output(transpose(graph, values.back(), {1, 0}), "y");
  const Graph same = after({cancel_transposes_pass()}, graph);
  EXPECT_EQ(kinds(same), kinds(graph));
}

TEST(CancelTransposes, StaysQuickOnDeepTrees) {
  // Each value is read twice: without memory, 2^60 ways lead to the top.
  Graph graph;
  ValueId x = graph.add_input("x", f32({2, 3}));
  for (int i = 0; i < 60; ++i) x = elementwise(graph, ElementwiseMode::add, {x, x});
  graph.add_output(transpose(graph, x, {1, 0}), "y");
  EXPECT_EQ(after({cancel_transposes_pass()}, graph).order().size(), 61u);
}

}  // namespace
}  // namespace octet
