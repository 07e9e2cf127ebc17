// What the layouts of --enable-nchw4, --enable-nchw32 and --enable-chwn4 do to convolutions.
#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "passes/pass_harness.hpp"
#include "passes/pipelines.hpp"

namespace octet::testing {
namespace {

// The layout that the only operator of this kind writes.
template <typename Op>
Layout output_layout(const Graph& graph) {
  for (const NodeId id : graph.order())
    if (graph.node(id).as<Op>() != nullptr) return graph.type(graph.node(id).outputs[0]).layout;
  throw std::runtime_error("there is no such node");
}

TEST(CudaLayouts, AFirstLayerReadsNchw4AndWritesNchw32) {
  GraphMaker g;
  const ValueId x = g.input(DType::s8, {2, 3, 9, 9}, Quant::per_tensor(0.05f));
  g.output(g.conv(g.conv(x, 32, 3), 32, 3));
  const Graph graph = expect_same_results(g.graph, nchw32_pipeline());
  // In, and out: none between the two.
  EXPECT_EQ(count(graph, Relayout::kKind), 2u) << to_text(graph);
  EXPECT_EQ(output_layout<Conv2d>(graph), kNCHW32);
}

TEST(CudaLayouts, GroupsAreTakenAlong) {
  GraphMaker g;
  const ValueId x = g.input(DType::s8, {2, 8, 9, 9}, Quant::per_tensor(0.05f));
  Conv2d depthwise;
  depthwise.groups = 8;
  depthwise.output = s8(2.0f);
  g.output(g.conv(g.conv(g.conv(x, 8, 1), 8, 3, depthwise), 8, 1));
  for (const Pipeline& pipeline : {nchw4_pipeline(), chwn4_pipeline(), cuda_pipeline()})
    EXPECT_EQ(count(expect_same_results(g.graph, pipeline), Relayout::kKind), 2u);
}

TEST(CudaLayouts, FiltersPerImageAndPositionGetChwn4) {
  GraphMaker g;
  const Quant quant = Quant::per_tensor(0.05f);
  const ValueId x = g.input(DType::s8, {4, 8, 3, 3}, quant);
  BatchConv2d batch;
  batch.output = s8(2.0f);
  const ValueId a =
      g.graph.add(make_op<BatchConv2d>(batch), {x, g.constant(DType::s8, {4, 8, 8, 1, 1}, quant)});
  GroupLocal local;
  local.output = s8(2.0f);
  g.output(g.graph.add(make_op<GroupLocal>(local),
                       {a, g.constant(DType::s8, {1, 3, 3, 8, 1, 1, 8}, quant)}));
  const Graph graph = expect_same_results(g.graph, chwn4_pipeline());
  EXPECT_EQ(output_layout<BatchConv2d>(graph), kCHWN4);
  EXPECT_EQ(output_layout<GroupLocal>(graph), kCHWN4);
  EXPECT_EQ(count(graph, Relayout::kKind), 2u);
}

}  // namespace
}  // namespace octet::testing
