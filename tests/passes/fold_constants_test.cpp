#include "passes/fold_constants.hpp"

#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

TEST(FoldConstants, ComputesWhatDependsOnConstantsAlone) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3000}));
  // More elements than inference computes at once.
  const ValueId constant = add_random(graph, f32({3000, 2}));
  const ValueId sum =
      elementwise(graph, ElementwiseMode::add, {x, transpose(graph, constant, {1, 0})});
  graph.add_output(sum, "y");
  const Graph folded = expect_same_results(graph, {fold_constants_pass()});
  EXPECT_EQ(kinds(folded), "elementwise");
}

TEST(FoldConstants, TakesWhatInferenceComputedFromShapes) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({2, 3, 4}));
  const ValueId shape = graph.add(make_op<ShapeOf>(), {x});
  Slice slice;
  const ValueId batch =
      graph.add(make_op<Slice>(), {shape, add_ints(graph, {0}), add_ints(graph, {1})});
  const ValueId target = graph.add(make_op<Concat>(), {batch, add_ints(graph, {-1})});
  graph.add_output(graph.add(make_op<Reshape>(), {x, target}), "y");
  const Graph folded = expect_same_results(graph, {fold_constants_pass()});
  EXPECT_EQ(kinds(folded), "reshape");
}

TEST(FoldConstants, FoldsOperatorsWithSeveralOutputs) {
  Graph graph;
  const ValueId x = graph.add_input("x", f32({1500}));
  Split split;
  split.parts = 2;
  const std::vector<ValueId> halves =
      graph.add_node(make_op<Split>(split), {add_random(graph, f32({3000}))});
  for (std::size_t i = 0; i < halves.size(); ++i)
    graph.add_output(elementwise(graph, ElementwiseMode::add, {x, halves[i]}),
                     "y" + std::to_string(i));
  const Graph folded = expect_same_results(graph, {fold_constants_pass()});
  EXPECT_EQ(kinds(folded), "elementwise,elementwise");
}

TEST(FoldConstants, MakesAnOutputConstant) {
  Graph graph;
  graph.add_output(transpose(graph, add_random(graph, f32({40, 50})), {1, 0}), "y");
  const Graph folded = expect_same_results(graph, {fold_constants_pass()});
  EXPECT_EQ(kinds(folded), "");
}

TEST(FoldConstants, LeavesLargeBroadcastsToTheRun) {
  Graph graph;
  const ValueId one = add_random(graph, f32({1}));
  const ValueId large =
      graph.add(make_op<Expand>(), {one, add_ints(graph, {std::int64_t{1} << 26})});
  graph.add_output(large, "y");
  EXPECT_EQ(kinds(after({fold_constants_pass()}, graph)), "expand");
}

TEST(FoldConstants, SaysWhichNodeCannotBeComputed) {
  Graph graph;
  const ValueId table = add_random(graph, f32({1000, 2}));
  std::vector<std::int64_t> indices(2000, 1000);
  graph.add_output(graph.add(make_op<Gather>(), {table, add_ints(graph, indices)}, "lookup"), "y");
  try {
    after({fold_constants_pass()}, graph);
    FAIL() << "accepted an index that is out of range";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().where(), "gather \"lookup\"");
    EXPECT_NE(error.status().message().find("index 1000"), std::string::npos);
  }
}

}  // namespace
}  // namespace octet
