#include "ops/subgraph.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ir/graph_hash.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/op_harness.hpp"
#include "ops/pool.hpp"
#include "support/run_graph.hpp"

namespace octet {
namespace {

using testing::expect_refusal;

OpPtr add_op() {
  Elementwise op;
  op.mode = ElementwiseMode::add;
  return make_op<Elementwise>(op);
}

OpPtr max_pool() {
  Pool2d op;
  op.mode = PoolMode::max;
  op.kernel = {2, 2};
  op.window.stride = {2, 2};
  return make_op<Pool2d>(op);
}

// sums = x + c, y = pool(sums); gives both.
Graph sum_and_pool(float c = 3.0f, const Shape& shape = {1, 1, 2, 2}) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::f32, shape, kNCHW, {}});
  const ValueId k = graph.add_constant(testing::tensor<float>({1}, {c}), "k");
  const ValueId sums = graph.add(add_op(), {x, k}, "sum");
  graph.add_output(sums, "sums");
  graph.add_output(graph.add(max_pool(), {sums}, "pool"), "y");
  return graph;
}

TEST(Subgraph, ComputesWhatTheGraphInsideMeans) {
  const Subgraph op(sum_and_pool());
  const auto outputs = testing::run(op, {testing::counting<float>({1, 1, 2, 2})}, {0});
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(testing::values<float>(outputs[0]), (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(testing::values<float>(outputs[1]), (std::vector<float>{6}));
}

TEST(Subgraph, FollowsTheShapesOfItsInputs) {
  const Subgraph op(sum_and_pool());
  const Tensor x = testing::counting<float>({3, 2, 4, 4});
  EXPECT_EQ(testing::infer(op, {x})[1].shape, (Shape{3, 2, 2, 2}));
  const auto y = testing::values<float>(testing::run(op, {x})[1]);
  EXPECT_EQ(y.front(), 8.0f);  // 5 + 3
  EXPECT_EQ(y.back(), 98.0f);  // 95 + 3
  EXPECT_EQ(op.inner()->type(op.inner()->inputs()[0]).shape, (Shape{1, 1, 2, 2}));
}

TEST(Subgraph, RefusesWhatTheGraphInsideRefuses) {
  const Subgraph op(sum_and_pool());
  const Tensor x = testing::counting<float>({1, 1, 2, 2});
  expect_refusal(StatusCode::invalid_model, "has 1 inputs, but 2 were given", [&] {
    testing::infer(op, {x, x});
  });
  // The sentence is the pool's, and where it happened is told.
  try {
    testing::infer(op, {testing::counting<float>({2, 2})});
    ADD_FAILURE() << "accepted a matrix";
  } catch (const Error& error) {
    EXPECT_NE(error.status().where().find("\"pool\""), std::string::npos) << error.what();
  }
}

// Packed layouts inside change nothing of what comes out.
TEST(Subgraph, ComputesPackedLayoutsInside) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::f32, {1, 2, 2, 2}, kNCHW, {}});
  Relayout packed, plain;
  packed.layout = kNCHW4;
  plain.layout = kNCHW;
  const ValueId in4 = graph.add(make_op<Relayout>(packed), {x});
  const ValueId sums = graph.add(add_op(), {in4, in4});
  graph.set_layout(sums, kNCHW4);
  graph.add_output(graph.add(make_op<Relayout>(plain), {sums}), "y");
  const auto y = testing::run(Subgraph(graph), {testing::counting<float>({1, 2, 2, 2})});
  EXPECT_EQ(testing::values<float>(y[0]), (std::vector<float>{0, 2, 4, 6, 8, 10, 12, 14}));
}

TEST(Subgraph, StandsInAGraphLikeAnyOperator) {
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::f32, {1, 1, 2, 2}, kNCHW, {}});
  const auto made = graph.add_node(make_op<Subgraph>(sum_and_pool(), "block", "native"), {x}, "s");
  graph.add_output(graph.add(add_op(), {made[0], made[1]}), "z");
  verify(graph);
  const auto z = test::run_outputs(graph, {{"x", testing::counting<float>({1, 1, 2, 2})}});
  EXPECT_EQ(testing::values<float>(z[0]), (std::vector<float>{9, 10, 11, 12}));
  const auto larger = test::run_outputs(graph, {{"x", testing::counting<float>({2, 1, 2, 2})}});
  EXPECT_EQ(larger[0].shape(), (Shape{2, 1, 2, 2}));

  const std::string text = to_text(graph);
  EXPECT_NE(text.find("subgraph engine=native operators=elementwise,pool2d"), std::string::npos)
      << text;
  EXPECT_NE(text.find("\n  output y = "), std::string::npos) << text;
}

TEST(Subgraph, HoldsNoBrokenGraph) {
  Graph broken = sum_and_pool(3.0f, {1, 1, 4, 4});
  Pool2d global;
  global.global = true;
  broken.set_op(1, make_op<Pool2d>(global));  // and its output keeps the type of before
  expect_refusal(StatusCode::internal, "pool gives f32{1,1,1,1} but its output is f32{1,1,2,2}",
                 [&] { Subgraph op(broken); });
}

TEST(GraphHash, TellsStructureAndContentApart) {
  const Graph a = sum_and_pool();
  EXPECT_EQ(structure_hash(a), structure_hash(sum_and_pool()));
  EXPECT_EQ(content_hash(a), content_hash(sum_and_pool()));
  const Graph other_constant = sum_and_pool(4.0f);
  EXPECT_EQ(structure_hash(a), structure_hash(other_constant));
  EXPECT_NE(content_hash(a), content_hash(other_constant));
  EXPECT_NE(structure_hash(a), structure_hash(sum_and_pool(3.0f, {1, 1, 4, 4})));

  // Scales count for the content, all digits of them.
  const auto quantised = [](float scale) {
    Graph graph;
    const ValueId x =
        graph.add_input("x", {DType::s8, {1, 1, 2, 2}, kNCHW, Quant::per_tensor(scale)});
    graph.add_output(graph.add(max_pool(), {x}), "y");
    return graph;
  };
  EXPECT_NE(content_hash(quantised(0.1f)), content_hash(quantised(std::nextafter(0.1f, 1.0f))));

  // Names, and values that nobody uses, do not count.
  Graph renamed = sum_and_pool();
  renamed.rename(renamed.inputs()[0], "other");
  renamed.add_constant(testing::tensor<float>({1}, {9}));
  EXPECT_EQ(content_hash(a), content_hash(renamed));

  // Edges do: x - k is not k - x.
  const auto difference = [](bool swapped) {
    Graph graph;
    const ValueId x = graph.add_input("x", {DType::f32, {2}, kNCHW, {}});
    const ValueId z = graph.add_input("z", {DType::f32, {2}, kNCHW, {}});
    Elementwise op;
    op.mode = ElementwiseMode::sub;
    graph.add_output(graph.add(make_op<Elementwise>(op), {swapped ? z : x, swapped ? x : z}), "y");
    return graph;
  };
  EXPECT_NE(structure_hash(difference(false)), structure_hash(difference(true)));
}

}  // namespace
}  // namespace octet
