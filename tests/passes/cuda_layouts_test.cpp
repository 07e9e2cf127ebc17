// What the layouts of --enable-nchw4, --enable-nchw32 and --enable-chwn4 do to convolutions.
#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"
#include "passes/builders.hpp"
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

// What a network may do to a map besides convolutions: each of these counts channels in the default
// layout, and a map of H * W > 1 in a packed one has other neighbours.
using Tail = std::function<ValueId(GraphMaker&, ValueId)>;

ValueId flatten(GraphMaker& g, ValueId x) { return g.graph.add(make_op<Flatten>(), {x}); }

ValueId split_channels(GraphMaker& g, ValueId x) {
  const Shape s = g.graph.type(x).shape;
  return reshape(g.graph, x, {s[0], 2, s[1] / 2, s[2] * s[3]});
}

// By the extents of the value itself, as MegEngine writes it.
ValueId reshape_by_own_shape(GraphMaker& g, ValueId x) {
  Reshape op;
  op.zero_copies = true;
  return g.graph.add(make_op<Reshape>(op), {x, add_ints(g.graph, {0, -1})});
}

ValueId dimshuffle(GraphMaker& g, ValueId x) { return transpose(g.graph, x, {0, 2, 3, 1}); }

ValueId shuffle_channels(GraphMaker& g, ValueId x) {
  const Shape s = g.graph.type(x).shape;
  const ValueId split = reshape(g.graph, x, {s[0], 2, s[1] / 2, s[2], s[3]});
  return reshape(g.graph, transpose(g.graph, split, {0, 2, 1, 3, 4}), {s[0], s[1], s[2], s[3]});
}

ValueId concat_rows(GraphMaker& g, ValueId x) {
  Concat op;
  op.axis = 2;
  return g.graph.add(make_op<Concat>(op), {x, x});
}

struct TailCase {
  const char* name;
  Tail tail;
};
const TailCase kTails[] = {
    {"Flatten", flatten},
    {"SplitChannels", split_channels},
    {"OwnShape", reshape_by_own_shape},
    {"Dimshuffle", dimshuffle},
    {"ShuffleChannels", shuffle_channels},
    {"ConcatRows", concat_rows},
};

class PackedTails : public ::testing::TestWithParam<TailCase> {};

// 32 channels fit every layout; of 8 and 12 NCHW32 has padding, and 12 leave it for NCHW4.
TEST_P(PackedTails, GetMapsInTheDefaultLayout) {
  for (const std::int64_t channels : {8, 12, 32, 64})
    for (const Shape& image :
         {Shape{2, 32, 5, 3}, Shape{2, 32, 4, 1}, Shape{1, 32, 1, 1}, Shape{3, 32, 1, 1}}) {
      GraphMaker g;
      const ValueId x = g.input(DType::s8, image, Quant::per_tensor(0.05f));
      g.output(GetParam().tail(g, g.conv(g.conv(x, 32, 3), channels, 3)));
      for (const Pipeline& pipeline : {nchw4_pipeline(), nchw32_pipeline(), chwn4_pipeline(),
                                       cuda_pipeline(), cpu_pipeline()}) {
        const Graph graph = expect_same_results(g.graph, pipeline);
        EXPECT_FALSE(output_layout<Conv2d>(graph) == kNCHW);
      }
    }
}

INSTANTIATE_TEST_SUITE_P(CudaLayouts, PackedTails, ::testing::ValuesIn(kTails),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace octet::testing
