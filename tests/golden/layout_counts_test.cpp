// The convolutions per layout and the relayouts that our layout passes leave, against the dumps of
// the same networks in which MegEngine applied its own.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/format.hpp"
#include "formats/model_file.hpp"
#include "golden/cases.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/move.hpp"
#include "passes/pipelines.hpp"

namespace octet::test {
namespace {

struct LayoutCase {
  std::string network;  // as MegEngine dumps it plainly
  std::string dump;     // with the layout applied
  std::string format;   // of MegEngine's operators, "NCHW32"
  Layout layout;
  Pipeline (*pipeline)();
};

std::ostream& operator<<(std::ostream& out, const LayoutCase& test) { return out << test.dump; }

const LayoutCase kCases[] = {
    {"net_batch", "net_nchw4", "NCHW4", kNCHW4, nchw4_pipeline},
    {"net_batch", "net_nchw32", "NCHW32", kNCHW32, nchw32_pipeline},
    {"net_batch", "net_chwn4", "CHWN4", kCHWN4, chwn4_pipeline},
    {"z_ties_qadd", "z_ties_qadd_nchw4", "NCHW4", kNCHW4, nchw4_pipeline},
    {"z_ties_qfuse_add_relu", "z_ties_qfuse_add_relu_nchw4", "NCHW4", kNCHW4, nchw4_pipeline},
};

struct Counts {
  int convolutions = 0;  // in the layout of the option
  int others = 0;        // in any other
  int relayouts = 0;     // of values that the run computes
};

// Of MegEngine's dump, by the operators that MegEngine itself lists (constants are relaid before).
Counts counts_of_dump(const LayoutCase& test) {
  std::ifstream file(data_path("megengine/ops/cases.json"));
  const auto json = nlohmann::json::parse(file);
  Counts counts;
  for (const std::string name :
       json.at(test.dump).at("files").at(test.dump + ".v2.mge").at("operators")) {
    // From and to CHWN4, and from few channels; all others are written as a transpose.
    if (name == "RelayoutFormat" || name == "Dimshuffle") ++counts.relayouts;
    if (!name.starts_with("ConvBiasForward")) continue;
    ++(name == "ConvBiasForward:" + test.format ? counts.convolutions : counts.others);
  }
  return counts;
}

Graph read_and_run(const std::string& name, const Pipeline& passes) {
  Graph graph = read_model_file(data_path(concat("megengine/", name, ".v2.mge"))).graph;
  run_pipeline(passes, graph);
  return graph;
}

Counts counts_of(const Graph& graph, const Layout& layout) {
  Counts counts;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    // Of matrices, which transposes move, these networks have none that the run computes.
    if (node.as<Relayout>() != nullptr || node.as<Transpose>() != nullptr ||
        node.as<Pad>() != nullptr)
      ++counts.relayouts;
    if (node.as<Conv2d>() == nullptr) continue;
    ++(graph.type(node.outputs[0]).layout == layout ? counts.convolutions : counts.others);
  }
  return counts;
}

class LayoutCounts : public ::testing::TestWithParam<LayoutCase> {};

void expect_no_worse(const Graph& graph, const LayoutCase& test) {
  const Counts ours = counts_of(graph, test.layout), theirs = counts_of_dump(test);
  SCOPED_TRACE(to_text(graph));
  EXPECT_GT(theirs.convolutions, 0);
  EXPECT_GE(ours.convolutions, theirs.convolutions);
  EXPECT_EQ(ours.convolutions + ours.others, theirs.convolutions + theirs.others);
  EXPECT_LE(ours.relayouts, theirs.relayouts);
}

TEST_P(LayoutCounts, AreNoWorseThanMegEngines) {
  const LayoutCase& test = GetParam();
  expect_no_worse(read_and_run("ops/" + test.network, test.pipeline()), test);
}

// A dump whose layout is another than the option's goes back to the plain layout first.
TEST_P(LayoutCounts, AreTheSameFromADumpWithAnyLayout) {
  const LayoutCase& test = GetParam();
  for (const LayoutCase& source : kCases)
    if (source.network == test.network)
      expect_no_worse(read_and_run("ops/" + source.dump, test.pipeline()), test);
}

INSTANTIATE_TEST_SUITE_P(MegEngine, LayoutCounts, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.dump; });

// Of whole networks there are no such dumps. Pictures are quantised into their layout, and what
// comes out of the last pool is a pixel, whose relayout moves nothing.
TEST(WholeNetworks, NeedNoRelayoutOfMaps) {
  for (const char* network : {"resnet_small", "bottleneck_small", "mobile_small"})
    for (const auto& [layout, pipeline] :
         {std::pair{kNCHW4, &nchw4_pipeline}, std::pair{kCHWN4, &chwn4_pipeline}}) {
      const Graph graph = read_and_run(concat("nets/", network), pipeline());
      SCOPED_TRACE(to_text(graph));
      EXPECT_EQ(counts_of(graph, layout).others, 0);
      EXPECT_LE(counts_of(graph, layout).relayouts, 1);
    }
  for (const char* network : {"resnet_small", "bottleneck_small"})
    EXPECT_LE(
        counts_of(read_and_run(concat("nets/", network), nchw32_pipeline()), kNCHW32).relayouts, 1);
}

}  // namespace
}  // namespace octet::test
