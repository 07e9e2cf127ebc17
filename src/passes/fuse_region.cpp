#include "passes/fuse_region.hpp"

#include "passes/outline.hpp"

namespace octet {

bool fuse_region(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
                 const RunsRegion& runs) {
  Graph trial = graph;
  const NodeId node = outline(trial, nodes, name);
  if (!runs(Problem::of(trial, node))) return false;
  graph = std::move(trial);
  return true;
}

}  // namespace octet
