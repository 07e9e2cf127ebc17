#include "passes/region.hpp"

#include "passes/outline.hpp"

namespace octet {

NodeId only_reader(const Graph& graph, NodeId id) {
  const ValueId output = graph.node(id).outputs[0];
  const auto users = graph.users();
  const auto& readers = users[static_cast<std::size_t>(output)];
  return readers.size() == 1 && !graph.is_output(output) ? readers[0] : kNoNode;
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
