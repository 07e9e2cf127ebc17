#include "passes/fuse_stem.hpp"

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"

namespace octet {
namespace {

// The only reader of a node's only output, or kNoNode.
NodeId only_reader(const Graph& graph, NodeId id) {
  const ValueId output = graph.node(id).outputs[0];
  const auto users = graph.users();
  const auto& readers = users[static_cast<std::size_t>(output)];
  return readers.size() == 1 && !graph.is_output(output) ? readers[0] : kNoNode;
}

template <typename Op>
bool is(const Graph& graph, NodeId id) {
  return id != kNoNode && graph.node(id).as<Op>() != nullptr;
}

// The nodes that could be a first layer, longest first; none where the node does not begin one.
std::vector<std::vector<NodeId>> chains_from(const Graph& graph, NodeId bring) {
  if (!is<Convert>(graph, bring) && !is<Relayout>(graph, bring)) return {};
  if (!graph.value(graph.node(bring).inputs[0]).is_input) return {};
  const NodeId conv = only_reader(graph, bring);
  // As its input, not as its residual.
  if (!is<Conv2d>(graph, conv) || graph.node(conv).inputs[0] != graph.node(bring).outputs[0])
    return {};
  const NodeId pool = only_reader(graph, conv);
  if (!is<Pool2d>(graph, pool)) return {{bring, conv}};
  return {{bring, conv, pool}, {bring, conv}};
}

void run(Graph& graph, const RunsRegion& runs) {
  for (const NodeId id : graph.order()) {
    if (graph.node(id).op == nullptr) continue;
    for (const std::vector<NodeId>& chain : chains_from(graph, id))
      if (fuse_region(graph, chain, graph.node(chain[1]).name, runs)) break;
  }
}

}  // namespace

Pass fuse_stem_pass(RunsRegion runs) {
  return {"fuse_stem", [runs = std::move(runs)](Graph& graph) { run(graph, runs); }};
}

}  // namespace octet
