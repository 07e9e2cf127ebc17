#include "passes/fuse_stem.hpp"

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "passes/region.hpp"

namespace octet {
namespace {

// The nodes that could be a first layer, longest first; none where the node does not begin one.
std::vector<std::vector<NodeId>> chains_from(const Graph& graph, NodeId bring) {
  if (!is<Convert>(graph, bring) && !is<Relayout>(graph, bring)) return {};
  if (!graph.value(graph.node(bring).inputs[0]).is_input) return {};
  const NodeId conv = only_reader(graph, graph.node(bring).outputs[0]);
  // As its input, not as its residual.
  if (!is<Conv2d>(graph, conv) || graph.node(conv).inputs[0] != graph.node(bring).outputs[0])
    return {};
  const NodeId pool = only_reader(graph, graph.node(conv).outputs[0]);
  if (!is<Pool2d>(graph, pool)) return {{bring, conv}};
  return {{bring, conv, pool}, {bring, conv}};
}

void run(Graph& graph, const std::function<bool(const Problem&)>& runs) {
  const RegionTest test = [&](const Problem& region, auto) { return runs(region); };
  for (const NodeId id : graph.order()) {
    if (graph.node(id).op == nullptr) continue;
    for (const std::vector<NodeId>& chain : chains_from(graph, id))
      if (outline_region(graph, chain, graph.node(chain[1]).name, test)) break;
  }
}

}  // namespace

Pass fuse_stem_pass(std::function<bool(const Problem&)> runs) {
  return {"fuse_stem", [runs = std::move(runs)](Graph& graph) { run(graph, runs); }};
}

}  // namespace octet
