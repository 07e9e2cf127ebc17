#include "passes/fuse_inverted.hpp"

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
void join_block(Graph& graph, NodeId expand, const RegionTest& test) {
  if (!is_pointwise(graph, expand)) return;
  const auto others = depthwise_and_project(graph, next_conv(graph, expand));
  if (!others) return;
  const auto [depthwise, project] = *others;
  static_cast<void>(outline_region(graph, std::array{expand, depthwise, project},
                                   graph.node(project).name, test));
}

void join_two(Graph& graph, NodeId depthwise, const RegionTest& test) {
  if (const auto both = depthwise_and_project(graph, depthwise))
    static_cast<void>(outline_region(graph, *both, graph.node(both->back()).name, test));
}

void run(Graph& graph, const RegionTest& test) {
  for (const auto join : {join_block, join_two})
    for (const NodeId id : graph.order())
      if (graph.node(id).op != nullptr) join(graph, id, test);
}

}  // namespace

std::optional<std::array<NodeId, 2>> depthwise_and_project(const Graph& graph, NodeId depthwise) {
  if (!is<Conv2d>(graph, depthwise) || !is_depthwise(graph, depthwise)) return std::nullopt;
  const NodeId project = next_conv(graph, depthwise);
  if (project == kNoNode || !is_pointwise(graph, project)) return std::nullopt;
  return std::array{depthwise, project};
}

Pass fuse_inverted_pass(RegionTest test) {
  return {"fuse_inverted", [test = std::move(test)](Graph& graph) { run(graph, test); }};
}

}  // namespace octet
