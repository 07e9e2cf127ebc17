#include "passes/fuse_pairs.hpp"

#include <array>

namespace octet {
namespace {

// Joins the node with the first reader of its result that it can be joined with.
void join(Graph& graph, NodeId first, const RegionTest& test) {
  const ValueId between = graph.node(first).outputs[0];
  const auto readers = graph.users()[static_cast<std::size_t>(between)];
  for (const NodeId second : readers) {
    // As its input, not as its residual.
    if (!is_pointwise(graph, second) || graph.node(second).inputs[0] != between) continue;
    if (outline_region(graph, std::array{first, second}, graph.node(first).name, test)) return;
  }
}

void run(Graph& graph, const RegionTest& test) {
  for (const NodeId id : graph.order())
    if (graph.node(id).op != nullptr && is_pointwise(graph, id)) join(graph, id, test);
}

}  // namespace

Pass fuse_pairs_pass(RegionTest test) {
  return {"fuse_pairs", [test = std::move(test)](Graph& graph) { run(graph, test); }};
}

}  // namespace octet
