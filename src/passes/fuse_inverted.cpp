#include "passes/fuse_inverted.hpp"

#include <array>

#include "ops/conv.hpp"

namespace octet {
namespace {

// The convolution that alone reads this one's output, as its input and not as its residual.
NodeId next_conv(const Graph& graph, NodeId conv) {
  const ValueId output = graph.node(conv).outputs[0];
  const NodeId next = only_reader(graph, output);
  const bool follows = is<Conv2d>(graph, next) && graph.node(next).inputs[0] == output;
  return follows ? next : kNoNode;
}

bool is_depthwise(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const std::int64_t groups = node.as<Conv2d>()->groups;
  return groups > 1 && groups == graph.type(node.inputs[0]).shape[1];
}

// Joins the convolution with the two behind it, if it begins a block.
void join(Graph& graph, NodeId expand, const RegionTest& test) {
  if (!is_pointwise(graph, expand)) return;
  const NodeId depthwise = next_conv(graph, expand);
  if (depthwise == kNoNode || !is_depthwise(graph, depthwise)) return;
  const NodeId project = next_conv(graph, depthwise);
  if (project == kNoNode || !is_pointwise(graph, project)) return;
  static_cast<void>(outline_region(graph, std::array{expand, depthwise, project},
                                   graph.node(project).name, test));
}

void run(Graph& graph, const RegionTest& test) {
  for (const NodeId id : graph.order())
    if (graph.node(id).op != nullptr) join(graph, id, test);
}

}  // namespace

Pass fuse_inverted_pass(RegionTest test) {
  return {"fuse_inverted", [test = std::move(test)](Graph& graph) { run(graph, test); }};
}

}  // namespace octet
