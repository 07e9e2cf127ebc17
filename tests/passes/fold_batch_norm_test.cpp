#include "passes/fold_batch_norm.hpp"

#include "ops/conv.hpp"
#include "ops/norm.hpp"
#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

ValueId batch_norm(Graph& graph, ValueId x, std::int64_t channels) {
  const auto parameter = [&](std::uint32_t seed) {
    return add_random(graph, f32({channels}), seed);
  };
  Random random(5);
  Tensor variance = random_tensor(random, f32({channels}));
  for (float& v : variance.mutable_values<float>()) v = v * v + 0.1f;
  return graph.add(make_op<BatchNorm>(), {x, parameter(2), parameter(3), parameter(4),
                                          graph.add_constant(std::move(variance))});
}

void expect_close(const Graph& a, const Graph& b) {
  const Tensor from_a = compute(a, 1)[0].tensor, from_b = compute(b, 1)[0].tensor;
  ASSERT_EQ(from_a.type(), from_b.type());
  const auto x = from_a.values<float>(), y = from_b.values<float>();
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(x[i], y[i], 1e-6f + 1e-4f * std::abs(x[i])) << i;
}

ValueId conv(Graph& graph, ValueId x, bool bias, Activation activation = {}) {
  Conv2d op;
  op.window.pad = {1, 1, 1, 1};
  op.activation = activation;
  std::vector<ValueId> inputs{x, add_random(graph, f32({6, 4, 3, 3}), 11)};
  if (bias) inputs.push_back(add_random(graph, f32({6}), 12));
  return graph.add(make_op<Conv2d>(op), std::move(inputs));
}

TEST(FoldBatchNorm, GoesIntoAFloatConvolution) {
  for (const bool bias : {false, true}) {
    Graph graph;
    const ValueId x = graph.add_input("x", f32({2, 4, 5, 5}));
    graph.add_output(batch_norm(graph, conv(graph, x, bias), 6), "y");
    const Graph folded = after({fold_batch_norm_pass()}, graph);
    EXPECT_EQ(kinds(folded), "conv2d");
    expect_close(graph, folded);
  }
}

TEST(FoldBatchNorm, BecomesOneMultiplyAddElsewhere) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 4, 5, 5}));
  graph.add_output(batch_norm(graph, x, 4), "y");
  const Graph folded = after({fold_batch_norm_pass()}, graph);
  EXPECT_EQ(kinds(folded), "elementwise");
  expect_close(graph, folded);
}

TEST(FoldBatchNorm, KeepsTheConvolutionThatOthersNeed) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 4, 5, 5}));
  const ValueId sums = conv(graph, x, true);
  graph.add_output(batch_norm(graph, sums, 6), "y");
  graph.add_output(sums, "sums");
  EXPECT_EQ(kinds(after({fold_batch_norm_pass()}, graph)), "conv2d,elementwise");
  Graph activated;
  const ValueId input = activated.add_input("x", f32({2, 4, 5, 5}));
  const ValueId relu = conv(activated, input, false, {ActivationKind::relu, 0.0f, 0.0f});
  activated.add_output(batch_norm(activated, relu, 6), "y");
  EXPECT_EQ(kinds(after({fold_batch_norm_pass()}, activated)), "conv2d,elementwise");
}

TEST(FoldBatchNorm, DoesNotTouchAQuantisedConvolution) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({1, 4, 5, 5}, 0.1f));
  const ValueId w = add_random(graph, s8({6, 4, 3, 3}, 0.2f));
  const ValueId y = graph.add(make_op<Conv2d>(), {x, w});
  graph.add_output(batch_norm(graph, y, 6), "y");
  const Graph folded = after({fold_batch_norm_pass()}, graph);
  EXPECT_EQ(kinds(folded), "conv2d,elementwise");
  expect_close(graph, folded);
}

TEST(FoldBatchNorm, LeavesComputedStatistics) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 4, 5, 5}));
  std::vector<ValueId> inputs{x};
  for (const char* name : {"scale", "bias", "mean", "variance"})
    inputs.push_back(graph.add_input(name, f32({4})));
  graph.add_output(graph.add(make_op<BatchNorm>(), std::move(inputs)), "y");
  EXPECT_EQ(kinds(after({fold_batch_norm_pass()}, graph)), "batch_norm");
}

}  // namespace
}  // namespace octet
