#include "runtime/nested_plan.hpp"

#include <gtest/gtest.h>

#include "backends/reference/backend.hpp"
#include "ops/subgraph.hpp"
#include "passes/outline.hpp"
#include "runtime/engine.hpp"
#include "runtime/native_engine.hpp"
#include "runtime/subgraph_builder.hpp"
#include "support/allocation_counter.hpp"
#include "toy.hpp"

namespace octet {
namespace {

using toy::Add;
using toy::Affine;
using toy::f32;

// An engine whose sub-graphs run by nested plans on the toy backend, which spoils its workspaces
// and overwrites its inputs where it may, with the reference behind it.
class NestedPlanTest : public testing::Test {
 protected:
  NestedPlanTest() {
    options_.plan.backends = {&toy::backend(), reference_.get()};
    options_.plan.chooser = &chooser_;
    builder_ = make_subgraph_builder(make_native_engine(options_.plan, {}, ""), {});
    options_.plan.demands.subgraphs = builder_.get();
  }

  static Tensor tensor(std::vector<float> values) {
    return Tensor::from<float>(f32({1, static_cast<std::int64_t>(values.size())}), values);
  }
  static std::vector<float> values(const NamedTensor& output) {
    return {output.tensor.values<float>().begin(), output.tensor.values<float>().end()};
  }
  NamedTensors run(const Graph& graph, const Tensor& x) {
    Engine engine(graph, options_);
    NamedTensors outputs;
    engine.run({{"x", x}}, outputs);
    return outputs;
  }

  const std::unique_ptr<Backend> reference_ = make_reference_backend();
  FirstAccepting chooser_;
  EngineOptions options_;
  std::unique_ptr<SubgraphBuilder> builder_;
};

// a = 2x + 1; b = a + x; c = 3b: a, b and c are read outside.
TEST_F(NestedPlanTest, GivesValuesThatItReadsItself) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1, 3}));
  const ValueId a = graph.add(make_op<Affine>(2.0f, 1.0f), {x});
  const ValueId b = graph.add(make_op<Add>(), {a, x});
  const ValueId c = graph.add(make_op<Affine>(3.0f, 0.0f), {b});
  graph.add_output(a, "a");
  graph.add_output(graph.add(make_op<Add>(), {b, c}), "sum");
  outline(graph, std::vector<NodeId>{0, 1, 2}, "part", "native");
  const NamedTensors outputs = run(graph, tensor({1, 2, 3}));
  EXPECT_EQ(values(outputs[0]), (std::vector<float>{3, 5, 7}));
  EXPECT_EQ(values(outputs[1]), (std::vector<float>{16, 28, 40}));
}

// What the passes inside may leave: an output that is an input, and one value given twice.
TEST_F(NestedPlanTest, GivesInputsAndRepeatedValues) {
  Graph inner;
  const ValueId x = inner.add_input("x", f32({1, 2}));
  const ValueId y = inner.add(make_op<Affine>(2.0f, 0.0f), {x});
  inner.add_output(x, "same");
  inner.add_output(y, "once");
  inner.add_output(y, "again");
  Graph graph;
  const ValueId in = graph.add_input("x", f32({1, 2}));
  const auto made = graph.add_node(make_op<Subgraph>(inner, "part", "native"), {in});
  for (const ValueId output : made) graph.add_output(output, "y" + std::to_string(output));
  const NamedTensors outputs = run(graph, tensor({4, 5}));
  EXPECT_EQ(values(outputs[0]), (std::vector<float>{4, 5}));
  EXPECT_EQ(values(outputs[1]), (std::vector<float>{8, 10}));
  EXPECT_EQ(values(outputs[2]), (std::vector<float>{8, 10}));
}

TEST_F(NestedPlanTest, RefusesAnOutputThatIsKnown) {
  Graph graph;
  graph.add_output(graph.add_constant(tensor({1})), "y");
  PlanOptions options = options_.plan;
  const auto plan = make_plan(graph, options);
  EXPECT_THROW(make_nested_plan(plan), Error);
}

// What is given back must be counted against no limit: it holds values, not scratch.
TEST_F(NestedPlanTest, RunsUnderAWorkspaceLimit) {
  options_.plan.demands.workspace_limit = 192;  // what one toy kernel takes
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1, 300}));
  const ValueId a = graph.add(make_op<Affine>(2.0f, 1.0f), {x});
  graph.add_output(graph.add(make_op<Add>(), {a, x}), "y");
  outline(graph, std::vector<NodeId>{0, 1}, "part", "native");
  EXPECT_EQ(values(run(graph, tensor(std::vector<float>(300, 1.0f)))[0]).back(), 4.0f);
}

#ifdef OCTET_TEST_COUNTS_ALLOCATIONS
TEST_F(NestedPlanTest, RunsWithoutAllocating) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1, 3}));
  const ValueId a = graph.add(make_op<Affine>(2.0f, 1.0f), {x});
  graph.add_output(graph.add(make_op<Add>(), {a, x}), "y");
  outline(graph, std::vector<NodeId>{0, 1}, "part", "native");
  Engine engine(graph, options_);
  const NamedTensors inputs{{"x", tensor({1, 2, 3})}};
  NamedTensors outputs;
  engine.run(inputs, outputs);
  const AllocationCounter counter;
  for (int i = 0; i < 10; ++i) engine.run(inputs, outputs);
  EXPECT_EQ(counter.count(), 0u);
}
#endif

}  // namespace
}  // namespace octet
