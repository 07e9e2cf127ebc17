#include "passes/region.hpp"

#include "ops/conv.hpp"
#include "ops/subgraph.hpp"
#include "passes/outline.hpp"

namespace octet {

bool is_pointwise(const Graph& graph, NodeId id) {
  if (!is<Conv2d>(graph, id)) return false;
  const Node& node = graph.node(id);
  const Shape& filter = graph.type(node.inputs[1]).shape;
  return node.as<Conv2d>()->groups == 1 && filter[2] == 1 && filter[3] == 1;
}

namespace {

// Adds the node, or those of the region that it is, put in its place.
void open_node(Graph& graph, NodeId node, std::vector<NodeId>& operators) {
  if (!is<Subgraph>(graph, node)) return operators.push_back(node);
  const auto first = static_cast<NodeId>(graph.node_count());
  inline_subgraph(graph, node);
  for (NodeId id = first; id < static_cast<NodeId>(graph.node_count()); ++id)
    operators.push_back(id);
}

}  // namespace

bool outline_region(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
                    const RegionTest& test) {
  std::vector<Problem> parts;
  for (const NodeId node : nodes) parts.push_back(Problem::of(graph, node));
  Graph trial = graph;
  std::vector<NodeId> operators;
  for (const NodeId node : nodes) open_node(trial, node, operators);
  const NodeId region = outline(trial, operators, name);
  if (!test(Problem::of(trial, region), parts)) return false;
  graph = std::move(trial);
  return true;
}

}  // namespace octet
