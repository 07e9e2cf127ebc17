#include "passes/fuse_elementwise.hpp"

#include "ops/subgraph.hpp"
#include "passes/builders.hpp"

namespace octet::testing {
namespace {

using Mode = ElementwiseMode;

bool takes_all(const Problem&) { return true; }

// {2,3,4,4} in f32 unless said otherwise.
class FuseElementwise : public ::testing::Test {
 protected:
  ValueId input(const TensorType& type) {
    return graph.add_input("x" + std::to_string(graph.inputs().size()), type);
  }
  ValueId input() { return input(f32(shape)); }
  void output(ValueId id) { graph.add_output(id, "y" + std::to_string(graph.outputs().size())); }
  Graph fused(std::function<bool(const Problem&)> runs = takes_all) {
    return expect_same_results(graph, {fuse_elementwise_pass(std::move(runs))});
  }

  Shape shape{2, 3, 4, 4};
  Graph graph;
};

std::string kinds_inside(const Graph& graph) { return kinds(*only<Subgraph>(graph).inner()); }

TEST_F(FuseElementwise, TakesAChain) {
  const ValueId x = input();
  output(elementwise(graph, Mode::mul, {elementwise(graph, Mode::relu, {x}), input()}));
  const Graph changed = fused();
  EXPECT_EQ(kinds(changed), "subgraph");
  EXPECT_EQ(kinds_inside(changed), "elementwise,elementwise");
}

TEST_F(FuseElementwise, TakesConversionsOnBothSides) {
  const ValueId real = to_f32(graph, input(s8(shape, 0.5f)));
  const ValueId y = elementwise(graph, Mode::h_swish, {real});
  output(convert(graph, y, DType::s8, Quant::per_tensor(0.25f)));
  EXPECT_EQ(kinds_inside(fused()), "convert,elementwise,convert");
}

TEST_F(FuseElementwise, TakesATreeWhoseBranchesMeet) {
  const ValueId x = elementwise(graph, Mode::abs, {input()});
  const ValueId a = elementwise(graph, Mode::relu, {x}), b = elementwise(graph, Mode::square, {x});
  output(elementwise(graph, Mode::add, {a, b}));
  const Graph changed = fused();
  EXPECT_EQ(kinds(changed), "subgraph");
  EXPECT_EQ(only<Subgraph>(changed).inner()->order().size(), 4u);
}

TEST_F(FuseElementwise, LeavesWhatOthersRead) {
  const ValueId x = elementwise(graph, Mode::relu, {input()});
  output(elementwise(graph, Mode::square, {x}));
  output(x);
  EXPECT_EQ(kinds(fused()), "elementwise,elementwise");
}

TEST_F(FuseElementwise, LeavesWhatIsBroadcastOutside) {
  const ValueId gate = elementwise(graph, Mode::sigmoid, {input(f32({2, 3, 1, 1}))});
  const ValueId y = elementwise(graph, Mode::mul, {input(), gate});
  output(elementwise(graph, Mode::relu, {y}));
  const Graph changed = fused();
  EXPECT_EQ(kinds(changed), "elementwise,subgraph");
  EXPECT_EQ(kinds_inside(changed), "elementwise,elementwise");
}

TEST_F(FuseElementwise, LeavesScalesPerChannelOutside) {
  Quant quant;
  quant.scales = {0.5f, 0.25f, 1.0f};
  quant.axis = 1;
  const ValueId x = convert(graph, elementwise(graph, Mode::relu, {input()}), DType::s8, quant);
  output(to_f32(graph, x));
  EXPECT_EQ(kinds(fused()), "elementwise,convert,convert");
}

TEST_F(FuseElementwise, TakesNoMoreThanTheKernelsDo) {
  ValueId x = input();
  for (int i = 0; i < 5; ++i) x = elementwise(graph, Mode::square, {x});
  output(x);
  const auto three = [](const Problem& problem) {
    return problem.op->inner()->order().size() <= 3;
  };
  const Graph changed = fused(three);
  EXPECT_EQ(kinds(changed), "subgraph,subgraph");
  EXPECT_EQ(kinds(fused([](const Problem&) { return false; })),
            "elementwise,elementwise,elementwise,elementwise,elementwise");
}

TEST_F(FuseElementwise, KeepsOtherOperatorsBetween) {
  const ValueId x = transpose(graph, elementwise(graph, Mode::relu, {input()}), {0, 1, 3, 2});
  output(elementwise(graph, Mode::square, {x}));
  EXPECT_EQ(kinds(fused()), "elementwise,transpose,elementwise");
}

}  // namespace
}  // namespace octet::testing
