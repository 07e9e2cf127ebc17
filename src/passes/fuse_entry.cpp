#include "passes/fuse_entry.hpp"

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/subgraph.hpp"
#include "passes/fuse_inverted.hpp"

namespace octet {
namespace {

// The graph of a region of two nodes that is no engine's; nothing if the node is none.
const Graph* region_of_two(const Graph& graph, NodeId id) {
  if (!is<Subgraph>(graph, id) || !graph.node(id).as<Subgraph>()->engine().empty()) return nullptr;
  const Graph* const inner = graph.node(id).op->inner();
  return inner->order().size() == 2 ? inner : nullptr;
}

// Whether a node is a region that brings an input to a convolution, and that convolution.
bool is_first_layer(const Graph& graph, NodeId id) {
  const Graph* const region = region_of_two(graph, id);
  if (region == nullptr) return false;
  const auto order = region->order();
  return (is<Convert>(*region, order[0]) || is<Relayout>(*region, order[0])) &&
         is<Conv2d>(*region, order[1]);
}

bool is_reducing_region(const Graph& graph, NodeId id) {
  const Graph* const region = region_of_two(graph, id);
  return region != nullptr && depthwise_and_project(*region, region->order()[0]).has_value();
}

// The first layer and what reduces its map: one node or two. Nothing where that does not follow.
std::vector<NodeId> entry_from(const Graph& graph, NodeId first) {
  if (!is_first_layer(graph, first)) return {};
  const ValueId map = graph.node(first).outputs[0];
  const NodeId reader = only_reader(graph, map);
  if (reader == kNoNode || graph.node(reader).inputs[0] != map) return {};
  if (is_reducing_region(graph, reader)) return {first, reader};
  if (const auto both = depthwise_and_project(graph, reader))
    return {first, (*both)[0], (*both)[1]};
  return {};
}

void run(Graph& graph, const RegionTest& test) {
  for (const NodeId id : graph.order()) {
    if (graph.node(id).op == nullptr) continue;
    const std::vector<NodeId> entry = entry_from(graph, id);
    if (!entry.empty())
      static_cast<void>(outline_region(graph, entry, graph.node(entry.back()).name, test));
  }
}

}  // namespace

Pass fuse_entry_pass(RegionTest test) {
  return {"fuse_entry", [test = std::move(test)](Graph& graph) { run(graph, test); }};
}

}  // namespace octet
