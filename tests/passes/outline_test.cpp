#include "passes/outline.hpp"

#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/subgraph.hpp"
#include "passes/pass_harness.hpp"
#include "passes/pipelines.hpp"

namespace octet {
namespace {

using testing::count;
using testing::expect_same_results;
using testing::GraphMaker;
using testing::s8;

NodeId producer(const Graph& graph, ValueId value) { return graph.value(value).producer; }

// x -> a -> b -> add -> y, and a -> side -> add: a diamond.
struct Diamond : GraphMaker {
  Diamond() {
    x = input(DType::s8, {1, 8, 6, 6}, Quant::per_tensor(0.5f));
    a = conv(x, 8, 3);
    b = conv(a, 8, 3);
    side = conv(a, 8, 1);
    sum = elementwise(ElementwiseMode::add, {b, side}, s8(2.0f));
    output(sum);
  }
  std::vector<NodeId> nodes(std::vector<ValueId> values) const {
    std::vector<NodeId> ids;
    for (const ValueId value : values) ids.push_back(producer(graph, value));
    return ids;
  }
  ValueId x, a, b, side, sum;
};

Pass outline_pass(std::vector<NodeId> nodes) {
  return {"outline", [nodes](Graph& graph) { outline(graph, nodes, "part", "native"); }};
}

TEST(Outline, TheGraphComputesTheSame) {
  const Diamond d;
  for (const auto& values : {std::vector{d.a},
                             {d.a, d.b},
                             {d.b, d.side, d.sum},
                             {d.b, d.side},
                             {d.a, d.b, d.side},
                             {d.a, d.b, d.side, d.sum}}) {
    const Graph outlined = expect_same_results(d.graph, {outline_pass(d.nodes(values))});
    EXPECT_EQ(count(outlined, "subgraph"), 1u);
    EXPECT_EQ(outlined.order().size(), 4 - values.size() + 1);
    const auto& op = testing::only<Subgraph>(outlined);
    EXPECT_EQ(op.inner()->order().size(), values.size());
    EXPECT_EQ(op.name(), "part");
    EXPECT_EQ(op.engine(), "native");
  }
}

TEST(Outline, DerivesInputsAndOutputs) {
  Diamond d;
  const NodeId id = outline(d.graph, d.nodes({d.b, d.side}), "part");
  const Node& node = d.graph.node(id);
  EXPECT_EQ(node.inputs, std::vector{d.a});  // read twice, given once; filters are inside
  EXPECT_EQ(node.outputs.size(), 2u);
  EXPECT_EQ(node.name, "part");
  d.graph.compact();
  for (std::size_t i = 0; i < d.graph.value_count(); ++i)
    if (d.graph.value(static_cast<ValueId>(i)).is_constant()) {
      EXPECT_EQ(d.graph.type(static_cast<ValueId>(i)).shape[0], 8);  // those of `a` alone
    }
}

TEST(Outline, AValueThatIsReadInsideAndGivenIsAnOutput) {
  Diamond d;
  d.output(d.a);
  const NodeId id = outline(d.graph, d.nodes({d.a, d.b, d.side, d.sum}), "all");
  EXPECT_EQ(d.graph.node(id).outputs.size(), 2u);
  EXPECT_EQ(d.graph.outputs()[1].value, d.graph.node(id).outputs[0]);
}

TEST(Outline, RefusesWhatWouldBecomeACycle) {
  Diamond d;
  const auto around = d.nodes({d.a, d.side, d.sum});  // `b` lies between a and sum
  EXPECT_FALSE(is_convex(d.graph, around));
  EXPECT_TRUE(is_convex(d.graph, d.nodes({d.b, d.side})));
  try {
    outline(d.graph, around, "around");
    ADD_FAILURE() << "made a cycle";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().code(), StatusCode::invalid_argument);
    EXPECT_NE(error.status().message().find("\"around\" are not convex"), std::string::npos);
  }
  EXPECT_EQ(d.graph.order().size(), 4u);  // nothing has changed
}

TEST(Outline, InlineIsTheWayBack) {
  Diamond d;
  d.graph.rename(d.a, "first");
  d.graph.compact();
  const std::string before = to_text(d.graph);
  const Graph back = expect_same_results(
      d.graph, {outline_pass(d.nodes({d.a, d.b})), {"inline", [](Graph& graph) {
                                                      for (const NodeId id : graph.order())
                                                        if (graph.node(id).op->inner() != nullptr)
                                                          inline_subgraph(graph, id);
                                                    }}});
  EXPECT_EQ(count(back, "subgraph"), 0u);
  EXPECT_EQ(back.order().size(), 4u);
  EXPECT_NE(to_text(back).find("(first)"), std::string::npos);
}

TEST(Outline, KeepsLayouts) {
  Diamond d;
  run_pipeline(nchw4_pipeline(), d.graph);
  std::vector<NodeId> convs;
  for (const NodeId id : d.graph.order())
    if (d.graph.node(id).as<Conv2d>() != nullptr) convs.push_back(id);
  ASSERT_EQ(d.graph.type(d.graph.node(convs[0]).outputs[0]).layout, kNCHW4);
  const Graph outlined = expect_same_results(d.graph, {outline_pass({convs[0], convs[1]})});
  for (const NodeId id : outlined.order()) {
    const Node& node = outlined.node(id);
    if (node.kind() != Subgraph::kKind) continue;
    const Graph& inner = *node.op->inner();
    EXPECT_EQ(inner.type(inner.inputs()[0]).layout, kNCHW4);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      EXPECT_EQ(outlined.type(node.outputs[i]).layout, kNCHW4);
      EXPECT_EQ(inner.type(inner.outputs()[i].value).layout, kNCHW4);
    }
  }
  EXPECT_EQ(count(outlined, "subgraph"), 1u);
}

TEST(Outline, NestsAndUnnests) {
  Diamond d;
  const NodeId first = outline(d.graph, d.nodes({d.a, d.b}), "inside");
  const NodeId side = d.graph.users()[static_cast<std::size_t>(d.graph.node(first).outputs[0])][0];
  const Graph nested = expect_same_results(d.graph, {outline_pass({first, side})});
  EXPECT_EQ(count(nested, "subgraph"), 1u);
  EXPECT_EQ(count(*testing::only<Subgraph>(nested).inner(), "subgraph"), 1u);
}

}  // namespace
}  // namespace octet
