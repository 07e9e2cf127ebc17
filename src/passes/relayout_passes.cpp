#include "passes/relayout_passes.hpp"

#include "passes/relayouts.hpp"
#include "passes/replacements.hpp"

namespace octet {
namespace {

class Assigner {
 public:
  Assigner(Graph& graph, const LayoutPolicy& policy)
      : graph_(graph), policy_(policy), relayouts_(graph), replacements_(graph) {}

  // Calls visit(*this, node, answer) for each node that was there at the start.
  template <typename Visit>
  void walk(Visit&& visit) {
    for (const NodeId id : graph_.order()) {
      replacements_.tell(id);
      visit(*this, id, policy_.ask(graph_, graph_.node(id)));
    }
    replacements_.tell_outputs();
  }

  void give(NodeId node, std::size_t operand, const Layout& layout) {
    const ValueId value = graph_.node(node).inputs[operand];
    if (is_image(graph_, value))
      graph_.set_input(node, operand, relayouts_.in_layout(value, layout));
  }
  // The node's outputs have `layout`; readers get them back in the default one.
  void take(NodeId node, const Layout& layout) {
    const std::vector<ValueId> outputs = graph_.node(node).outputs;
    for (const ValueId output : outputs) {
      if (!is_image(graph_, output)) continue;
      graph_.set_layout(output, layout);
      replacements_.replace(output, relayouts_.in_layout(output, kNCHW));
    }
  }
  const Graph& graph() const { return graph_; }

 private:
  Graph& graph_;
  const LayoutPolicy& policy_;
  Relayouts relayouts_;
  Replacements replacements_;
};

void insert(Assigner& assigner, NodeId id, const LayoutAnswer& answer) {
  if (answer.kind != LayoutAnswer::Kind::wants) return;
  const std::size_t count = assigner.graph().node(id).inputs.size();
  for (const std::size_t operand : answer.operands)
    if (operand < count) assigner.give(id, operand, answer.layout);
  assigner.take(id, answer.output);
}

// The layout that at least half of a node's images come from, if that is not the default one.
std::optional<Layout> layout_behind(const Graph& graph, const Node& node) {
  std::optional<Layout> layout;
  int from_layout = 0, images = 0;
  for (const ValueId input : node.inputs) {
    if (!is_image(graph, input)) continue;
    const Layout& source = graph.type(before_relayouts(graph, input)).layout;
    if (graph.value(input).is_constant() || (source == kNCHW && is_pixel(graph, input))) continue;
    ++images;
    if (source == kNCHW) continue;
    if (!layout) layout = source;
    if (*layout == source) ++from_layout;
  }
  return layout && 2 * from_layout >= images ? layout : std::nullopt;
}

void sink(Assigner& assigner, NodeId id, const LayoutAnswer& answer) {
  if (answer.kind != LayoutAnswer::Kind::follows) return;
  const Graph& graph = assigner.graph();
  const auto layout = layout_behind(graph, graph.node(id));
  if (!layout) return;
  for (const std::size_t i : following_operands(graph, graph.node(id)))
    assigner.give(id, i, *layout);
  assigner.take(id, *layout);
}

void cancel(Graph& graph) {
  Relayouts relayouts(graph);
  Replacements replacements(graph);
  for (const NodeId id : graph.order()) {
    replacements.tell(id);
    const Node& node = graph.node(id);
    if (node.as<Relayout>() == nullptr) continue;
    const ValueId output = node.outputs[0], source = before_relayouts(graph, node.inputs[0]);
    const Layout layout = graph.type(output).layout;
    replacements.replace(output, relayouts.in_layout(source, layout));
  }
  replacements.tell_outputs();
}

void absorb(Graph& graph, const LayoutPolicy& policy) {
  const auto users = graph.users();
  Replacements replacements(graph);
  for (const NodeId id : graph.order()) {
    replacements.tell(id);
    const Node& node = graph.node(id);
    if (!policy.converts(graph, node)) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (relayout_of(graph, node.inputs[i]) != nullptr)
        graph.set_input(id, i, before_relayouts(graph, node.inputs[i]));
    const ValueId output = node.outputs[0];
    const auto& readers = users[static_cast<std::size_t>(output)];
    if (readers.size() != 1 || graph.is_output(output)) continue;
    const Node& reader = graph.node(readers[0]);
    if (reader.as<Relayout>() == nullptr) continue;
    graph.set_layout(output, graph.type(reader.outputs[0]).layout);
    replacements.replace(reader.outputs[0], output);
  }
  replacements.tell_outputs();
}

}  // namespace

Pass insert_relayouts_pass(LayoutPolicy policy) {
  return {"insert_relayouts:" + policy.name,
          [policy](Graph& graph) { Assigner(graph, policy).walk(insert); }};
}

Pass sink_relayouts_pass(LayoutPolicy policy) {
  return {"sink_relayouts:" + policy.name,
          [policy](Graph& graph) { Assigner(graph, policy).walk(sink); }};
}

Pass cancel_relayouts_pass() { return {"cancel_relayouts", cancel}; }

Pass absorb_relayouts_pass(LayoutPolicy policy) {
  return {"absorb_relayouts:" + policy.name, [policy](Graph& graph) { absorb(graph, policy); }};
}

}  // namespace octet
