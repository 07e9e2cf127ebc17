#include "passes/partition.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "base/random.hpp"
#include "models/make_model.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/subgraph.hpp"
#include "passes/outline.hpp"
#include "passes/pass_harness.hpp"
#include "passes/pipelines.hpp"
#include "runtime/backend_registry.hpp"
#include "runtime/native_engine.hpp"
#include "runtime/subgraph_builder.hpp"

namespace octet {
namespace {

using testing::count;
using testing::GraphMaker;
using testing::s8;

// Everything but the nodes of a mask.
PartitionOptions all_but(std::set<NodeId> refused, std::size_t min_nodes = 1) {
  return {"native",
          [refused](const Graph&, NodeId id) {
            return refused.contains(id) ? Verdict::refuse("it is masked") : Verdict::accept();
          },
          min_nodes};
}

// The graph with one node per part and per node outside, as successors by unit.
struct Units {
  std::map<NodeId, std::size_t> of;
  std::vector<std::set<std::size_t>> successors;

  Units(const Graph& graph, const std::vector<std::vector<NodeId>>& parts) {
    for (std::size_t p = 0; p < parts.size(); ++p)
      for (const NodeId id : parts[p]) of[id] = p;
    std::size_t next = parts.size();
    for (const NodeId id : graph.order())
      if (!of.contains(id)) of[id] = next++;
    successors.resize(next);
    for (const NodeId id : graph.order())
      for (const ValueId input : graph.node(id).inputs)
        if (graph.producer(input) != nullptr && of[graph.value(input).producer] != of[id])
          successors[of[graph.value(input).producer]].insert(of[id]);
  }
  bool has_cycle() const {
    std::vector<int> state(successors.size(), 0);
    const std::function<bool(std::size_t)> visit = [&](std::size_t unit) {
      if (state[unit] != 0) return state[unit] == 1;
      state[unit] = 1;
      for (const std::size_t next : successors[unit])
        if (visit(next)) return true;
      state[unit] = 2;
      return false;
    };
    for (std::size_t unit = 0; unit < successors.size(); ++unit)
      if (visit(unit)) return true;
    return false;
  }
};

std::vector<std::vector<NodeId>> node_lists(const Partition& partition) {
  std::vector<std::vector<NodeId>> lists;
  for (const Part& part : partition.parts) lists.push_back(part.nodes);
  return lists;
}

bool is_connected(const Graph& graph, const std::vector<NodeId>& nodes) {
  std::set<NodeId> open(nodes.begin(), nodes.end()), reached{nodes.front()};
  for (bool changed = true; changed;) {
    changed = false;
    for (const NodeId id : nodes)
      for (const ValueId input : graph.node(id).inputs) {
        if (graph.producer(input) == nullptr) continue;
        const NodeId other = graph.value(input).producer;
        if (!open.contains(other) || reached.contains(id) == reached.contains(other)) continue;
        reached.insert({id, other});
        changed = true;
      }
  }
  return reached.size() == nodes.size();
}

// A random graph over maps of one shape: quantised and plain values, convolutions, sums, poolings
// and conversions, results that are read again or given.
GraphMaker random_graph(std::uint64_t seed, std::size_t nodes) {
  GraphMaker maker(seed);
  octet::Random random(seed);
  const auto pick = [&](std::size_t n) {
    return static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(n) - 1));
  };
  const Shape shape{1, 4, 3, 3};
  std::vector<ValueId> bytes{maker.input(DType::s8, shape, Quant::per_tensor(0.5f))};
  std::vector<ValueId> floats{maker.input(DType::f32, shape)};
  for (std::size_t i = 0; i < nodes; ++i) {
    const ValueId x = bytes[pick(bytes.size())], f = floats[pick(floats.size())];
    switch (pick(6)) {
      case 0: bytes.push_back(maker.conv(x, 4, 3)); break;
      case 1:
        bytes.push_back(
            maker.elementwise(ElementwiseMode::add, {x, bytes[pick(bytes.size())]}, s8(1.0f)));
        break;
      case 2: {
        Pool2d pool;
        pool.kernel = {3, 3};
        pool.window.pad = {1, 1, 1, 1};
        bytes.push_back(maker.graph.add(make_op<Pool2d>(pool), {x}));
        break;
      }
      case 3:
        floats.push_back(maker.elementwise(ElementwiseMode::max, {f, floats[pick(floats.size())]}));
        break;
      case 4: {
        Convert op;
        op.output = {DType::f32, {}};
        floats.push_back(maker.graph.add(make_op<Convert>(op), {x}));
        break;
      }
      default: {
        Convert op;
        op.output = s8(2.0f);
        bytes.push_back(maker.graph.add(make_op<Convert>(op), {f}));
      }
    }
    if (pick(5) == 0) maker.output(pick(2) == 0 ? bytes.back() : floats.back());
  }
  maker.output(bytes.back());
  maker.output(floats.back());
  maker.graph.compact();
  return maker;
}

std::set<NodeId> random_mask(const Graph& graph, std::uint64_t seed) {
  octet::Random random(seed * 977);
  std::set<NodeId> refused;
  for (const NodeId id : graph.order())
    if (random.between(0, 3) == 0) refused.insert(id);
  return refused;
}

// Runs the graph on the fastest CPU backend with its layouts, the sub-graphs by nested plans.
class NativeRunner {
 public:
  NativeRunner() {
    for (const BackendEntry& entry : all_backends())
      if (options_.plan.backends.empty() && entry.backend->is_host())
        options_.plan.backends = entry.chain;
    options_.plan.chooser = &chooser_;
    options_.pipeline = cpu_pipeline();
    builder_ = make_subgraph_builder(make_native_engine(options_.plan, options_.pipeline, ""), {});
    options_.plan.demands.subgraphs = builder_.get();
  }
  NamedTensors run(const Graph& graph, const NamedTensors& inputs) const {
    Engine engine(graph, options_);
    NamedTensors outputs;
    engine.run(inputs, outputs);
    return outputs;
  }

 private:
  FirstAccepting chooser_;
  EngineOptions options_;
  std::unique_ptr<SubgraphBuilder> builder_;
};

TEST(Partition, RandomGraphsComputeTheSameAndHaveNoCycle) {
  const NativeRunner native;
  std::size_t parts = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const Graph graph = random_graph(seed, 3 + seed % 38).graph;
    const PartitionOptions options = all_but(random_mask(graph, seed), 1 + seed % 3);
    const Partition found = partition(graph, options);
    Graph outlined = graph;
    run_pipeline({outline_parts_pass(options)}, outlined);
    verify(outlined);  // finds cycles too
    ASSERT_EQ(count(outlined, "subgraph"), found.parts.size()) << "seed " << seed;
    const NamedTensors want = testing::compute(graph, seed);
    const NamedTensors got = native.run(outlined, testing::random_inputs(graph, seed));
    ASSERT_EQ(want.size(), got.size()) << "seed " << seed;
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(want[i].name, got[i].name) << "seed " << seed;
      ASSERT_EQ(want[i].tensor.type(), got[i].tensor.type()) << "seed " << seed;
      ASSERT_TRUE(
          std::ranges::equal(want[i].tensor.values<std::byte>(), got[i].tensor.values<std::byte>()))
          << want[i].name << ", seed " << seed << "\n"
          << to_text(outlined);
    }
    parts += found.parts.size();
  }
  EXPECT_GT(parts, 1000u);  // the masks leave something to do
}

// Every union of two or more parts, where it is connected and of one kind, makes a cycle.
TEST(Partition, PartsAreMaximal) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Graph graph = random_graph(seed + 1000, 3 + seed % 12).graph;
    const Partition found = partition(graph, all_but(random_mask(graph, seed)));
    const auto parts = node_lists(found);
    EXPECT_FALSE(Units(graph, parts).has_cycle()) << "seed " << seed;
    for (const auto& part : parts) {
      EXPECT_TRUE(is_convex(graph, part));
      EXPECT_TRUE(is_connected(graph, part));
      for (const NodeId id : part)
        EXPECT_EQ(kind_of(graph, graph.node(id)), kind_of(graph, graph.node(part[0])));
    }
    ASSERT_LE(parts.size(), 12u);
    for (std::size_t chosen = 1; chosen < (std::size_t{1} << parts.size()); ++chosen) {
      std::vector<std::vector<NodeId>> joined{{}};
      bool one_kind = true;
      std::size_t members = 0;
      PartKind kind{};
      for (std::size_t p = 0; p < parts.size(); ++p) {
        if ((chosen >> p & 1) == 0) {
          joined.push_back(parts[p]);
          continue;
        }
        one_kind = one_kind && (members == 0 || found.parts[p].kind == kind);
        kind = found.parts[p].kind;
        ++members;
        joined[0].insert(joined[0].end(), parts[p].begin(), parts[p].end());
      }
      if (members < 2 || !one_kind || !is_connected(graph, joined[0])) continue;
      ASSERT_TRUE(Units(graph, joined).has_cycle())
          << "seed " << seed << ": parts " << chosen << " could be one\n"
          << to_text(graph);
    }
  }
}

// Neither long chains nor values with many readers take more than a moment.
TEST(Partition, LargeGraphsAreDividedQuickly) {
  constexpr int kNodes = 10000;
  GraphMaker maker;
  const ValueId x = maker.input(DType::f32, {2});
  ValueId end = x;
  for (int i = 0; i < kNodes; ++i) {
    end = maker.elementwise(ElementwiseMode::relu, {end});
    maker.output(maker.elementwise(ElementwiseMode::abs, {x}));  // a part of its own
  }
  const ValueId hub = maker.elementwise(ElementwiseMode::relu, {end});
  for (int i = 0; i < kNodes; ++i) maker.output(maker.elementwise(ElementwiseMode::abs, {hub}));
  const auto start = std::chrono::steady_clock::now();
  const Partition found = partition(maker.graph, all_but({}, 2));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  ASSERT_EQ(found.parts.size(), 1u);
  EXPECT_EQ(found.parts[0].nodes.size(), 2u * kNodes + 1);
  EXPECT_EQ(found.refusals.size(), static_cast<std::size_t>(kNodes));
}

TEST(Partition, SaysWhyNodesStayOutside) {
  GraphMaker maker;
  const ValueId x = maker.input(DType::s8, {1, 8, 6, 6}, Quant::per_tensor(0.5f));
  const ValueId a = maker.conv(x, 8, 3), b = maker.conv(a, 8, 3), c = maker.conv(b, 8, 3);
  maker.output(c);
  const NodeId last = maker.graph.value(c).producer;
  const Partition found = partition(maker.graph, all_but({last}, 3));
  EXPECT_TRUE(found.parts.empty());
  ASSERT_EQ(found.refusals.size(), 3u);
  EXPECT_EQ(found.refusals[0].reason, "its sub-graph would have 2 operators, fewer than 3");
  EXPECT_EQ(found.refusals[2].node, last);
  EXPECT_EQ(found.refusals[2].reason, "it is masked");
}

TEST(Partition, ResNet18IsOneSubgraphOf8BitAndNoSoftmax) {
  ModelOptions options;
  options.image_size = 64;
  options.width = 0.25;
  Graph graph = make_model("resnet18", options).graph;
  run_pipeline(cleaning_pipeline(), graph);
  const Partition found = partition(graph, all_but({}, PartitionOptions::kMinNodes));
  ASSERT_EQ(found.parts.size(), 1u);
  EXPECT_EQ(found.parts[0].kind, PartKind::int8);
  std::map<std::string_view, int> kinds;
  for (const NodeId id : found.parts[0].nodes) ++kinds[graph.node(id).kind()];
  EXPECT_EQ(kinds["conv2d"], 20);
  EXPECT_EQ(kinds["elementwise"], 8);
  EXPECT_EQ(kinds["pool2d"], 2);
  for (const Refusal& refusal : found.refusals)
    EXPECT_NE(refusal.reason.find("operators, fewer than 10"), std::string::npos);
}

}  // namespace
}  // namespace octet
