#include "passes/region.hpp"

#include "ops/conv.hpp"
#include "passes/outline.hpp"

namespace octet {

bool is_pointwise(const Graph& graph, NodeId id) {
  if (!is<Conv2d>(graph, id)) return false;
  const Node& node = graph.node(id);
  const Shape& filter = graph.type(node.inputs[1]).shape;
  return node.as<Conv2d>()->groups == 1 && filter[2] == 1 && filter[3] == 1;
}

bool outline_region(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
                    const RegionTest& test) {
  std::vector<Problem> parts;
  for (const NodeId node : nodes) parts.push_back(Problem::of(graph, node));
  Graph trial = graph;
  const NodeId region = outline(trial, nodes, name);
  if (!test(Problem::of(trial, region), parts)) return false;
  graph = std::move(trial);
  return true;
}

}  // namespace octet
