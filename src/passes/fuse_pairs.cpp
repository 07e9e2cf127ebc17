#include "passes/fuse_pairs.hpp"

#include <array>

#include "ops/conv.hpp"

namespace octet {
namespace {

bool is_1x1(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.as<Conv2d>() == nullptr) return false;
  const Shape& filter = graph.type(node.inputs[1]).shape;
  return filter.rank() == 4 && filter[2] == 1 && filter[3] == 1;
}

// Joins the node with the first reader of its result that it can be joined with.
void join(Graph& graph, NodeId first, const RunsRegion& runs) {
  const ValueId between = graph.node(first).outputs[0];
  const auto readers = graph.users()[static_cast<std::size_t>(between)];
  for (const NodeId second : readers) {
    // As its input, not as its residual.
    if (!is_1x1(graph, second) || graph.node(second).inputs[0] != between) continue;
    if (fuse_region(graph, std::array{first, second}, graph.node(first).name, runs)) return;
  }
}

void run(Graph& graph, const RunsRegion& runs) {
  for (const NodeId id : graph.order())
    if (graph.node(id).op != nullptr && is_1x1(graph, id)) join(graph, id, runs);
}

}  // namespace

Pass fuse_pairs_pass(RunsRegion runs) {
  return {"fuse_pairs", [runs = std::move(runs)](Graph& graph) { run(graph, runs); }};
}

}  // namespace octet
