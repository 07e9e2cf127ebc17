// Relayouts go around what wants a layout, sink, cancel and are absorbed, and change no bit.
#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/shape.hpp"
#include "passes/cpu_layouts.hpp"
#include "passes/pass_harness.hpp"
#include "passes/pipelines.hpp"
#include "passes/relayout_passes.hpp"

namespace octet::testing {
namespace {

// Convolutions want `layout`; everything elementwise follows.
LayoutPolicy policy_for(Layout layout) {
  LayoutPolicy policy = cpu_layout_policy();
  policy.name = "test";
  policy.ask = [layout, ask = policy.ask](const Graph& graph, const Node& node) {
    LayoutAnswer answer = ask(graph, node);
    if (answer.kind == LayoutAnswer::Kind::wants) answer.layout = answer.output = layout;
    return answer;
  };
  return policy;
}

Pipeline all_passes(Layout layout) {
  const LayoutPolicy policy = policy_for(layout);
  return {insert_relayouts_pass(policy), sink_relayouts_pass(policy), cancel_relayouts_pass(),
          absorb_relayouts_pass(policy)};
}

struct RelayoutPasses : ::testing::Test {
  GraphMaker g;
  ValueId x = g.input(DType::s8, {2, 6, 8, 8}, Quant::per_tensor(0.05f));
};

TEST_F(RelayoutPasses, InsertSurroundsEachConvolution) {
  g.output(g.conv(g.conv(x, 5, 3), 7, 1));
  const Graph changed = expect_same_results(g.graph, {insert_relayouts_pass(policy_for(kNHWC))});
  EXPECT_EQ(count(changed, Relayout::kKind), 4u);
}

TEST_F(RelayoutPasses, AChainOfConvolutionsKeepsTwo) {
  g.output(g.conv(g.elementwise(ElementwiseMode::relu, {g.conv(x, 5, 3)}), 7, 1));
  for (const Layout& layout : {kNHWC, kNCHW4, kNCHW32, kCHWN4}) {
    const Graph changed = expect_same_results(g.graph, all_passes(layout));
    EXPECT_EQ(count(changed, Relayout::kKind), 2u) << to_text(changed);
  }
}

TEST_F(RelayoutPasses, BranchesShareARelayout) {
  const ValueId a = g.conv(x, 6, 3), b = g.conv(x, 6, 1);
  g.output(g.elementwise(ElementwiseMode::add, {a, b}, s8(4.0f)));
  EXPECT_EQ(count(expect_same_results(g.graph, all_passes(kNHWC)), Relayout::kKind), 2u);
}

TEST_F(RelayoutPasses, AnOperandThatComesFromElsewhereIsBroughtAlong) {
  const ValueId a = g.conv(x, 6, 3);
  const ValueId scale = g.constant(DType::s8, {1, 6, 1, 1}, Quant::per_tensor(0.5f));
  const ValueId product = g.elementwise(ElementwiseMode::mul, {a, scale}, s8(4.0f));
  g.output(g.conv(g.elementwise(ElementwiseMode::add, {product, x}, s8(4.0f)), 4, 1));
  const Graph changed = expect_same_results(g.graph, all_passes(kNHWC));
  EXPECT_EQ(count(changed, Relayout::kKind), 2u) << to_text(changed);
}

TEST_F(RelayoutPasses, PoolingFollowsAndReshapeDoesNot) {
  Pool2d pool;
  pool.global = true;
  pool.mode = PoolMode::average;
  const ValueId pooled = g.graph.add(make_op<Pool2d>(pool), {g.conv(x, 5, 3)});
  g.output(g.graph.add(make_op<Flatten>(), {pooled}));
  const Graph changed = expect_same_results(g.graph, all_passes(kNHWC));
  EXPECT_EQ(count(changed, Relayout::kKind), 2u);
  for (const NodeId id : changed.order()) {
    const Node& node = changed.node(id);
    const bool is_pool = node.as<Pool2d>() != nullptr;
    EXPECT_TRUE(!is_pool || changed.type(node.inputs[0]).layout == kNHWC);
  }
}

TEST_F(RelayoutPasses, ConversionsAbsorbTheRelayoutsBesideThem) {
  const ValueId image = g.input(DType::f32, {1, 3, 8, 8});
  Convert quantise, dequantise;
  quantise.output = s8(0.1f);
  const ValueId q = g.graph.add(make_op<Convert>(quantise), {image});
  g.output(g.graph.add(make_op<Convert>(dequantise), {g.conv(q, 4, 3)}));
  g.graph.remove_input(x);
  const Graph changed = expect_same_results(g.graph, all_passes(kNHWC));
  EXPECT_EQ(count(changed, Relayout::kKind), 0u) << to_text(changed);
}

TEST_F(RelayoutPasses, AValueThatIsAlsoAnOutputComesOutInTheDefaultLayout) {
  const ValueId a = g.conv(x, 5, 3);
  g.output(a);
  g.output(g.conv(a, 5, 3));
  const Graph changed = expect_same_results(g.graph, all_passes(kNHWC));
  for (const GraphOutput& output : changed.outputs())
    EXPECT_EQ(changed.type(output.value).layout, kNCHW);
}

TEST_F(RelayoutPasses, TheCpuPipelineKeepsTheBitsOfAResidualBlock) {
  const ValueId a = g.elementwise(ElementwiseMode::relu, {g.conv(x, 6, 3)});
  const ValueId b = g.conv(a, 6, 3, 40.0f);
  const ValueId sum = g.elementwise(ElementwiseMode::add_relu, {b, x}, s8(40.0f));
  g.output(g.conv(sum, 4, 1));
  const Graph changed = expect_same_results(g.graph, cpu_pipeline());
  EXPECT_EQ(count(changed, Elementwise::kKind), 0u);
  EXPECT_EQ(count(changed, Relayout::kKind), 2u);
}

}  // namespace
}  // namespace octet::testing
