#include "passes/region.hpp"

#include "passes/outline.hpp"

namespace octet {

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
