#include "passes/fuse_siblings.hpp"

#include "ops/conv.hpp"
#include "passes/outline.hpp"

namespace octet {
namespace {

// The convolutions that read a value as their input, in the graph's order.
std::vector<NodeId> convolutions_of(const Graph& graph, ValueId value) {
  std::vector<NodeId> found;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.as<Conv2d>() != nullptr && node.inputs[0] == value) found.push_back(id);
  }
  return found;
}

bool fuse_two(Graph& graph, const std::vector<NodeId>& siblings, const RegionTest& test) {
  for (std::size_t i = 0; i < siblings.size(); ++i)
    for (std::size_t j = i + 1; j < siblings.size(); ++j) {
      const NodeId pair[] = {siblings[i], siblings[j]};
      if (is_convex(graph, pair) && outline_region(graph, pair, graph.node(siblings[i]).name, test))
        return true;
    }
  return false;
}

void run(Graph& graph, const RegionTest& test) {
  for (const NodeId id : graph.order()) {
    if (graph.node(id).as<Conv2d>() == nullptr) continue;
    while (graph.node(id).op != nullptr &&
           fuse_two(graph, convolutions_of(graph, graph.node(id).inputs[0]), test)) {
    }
  }
}

}  // namespace

Pass fuse_siblings_pass(RegionTest test) {
  return {"fuse_siblings", [test = std::move(test)](Graph& graph) { run(graph, test); }};
}

}  // namespace octet
