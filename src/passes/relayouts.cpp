#include "passes/relayouts.hpp"

#include "base/format.hpp"

namespace octet {

ValueId Relayouts::in_layout(ValueId value, const Layout& layout) {
  if (graph_.type(value).layout == layout) return value;
  const auto [made, is_new] = made_.try_emplace({value, to_string(layout)}, kNoValue);
  if (is_new) {
    Relayout op;
    op.layout = layout;
    const Node* producer = graph_.producer(value);
    const std::string& source = producer != nullptr ? producer->name : graph_.value(value).name;
    made->second =
        graph_.add(make_op<Relayout>(op), {value}, concat(source, ":", to_string(layout)));
  }
  return made->second;
}

bool is_image(const Graph& graph, ValueId value) {
  return value != kNoValue && graph.type(value).shape.rank() == 4;
}

bool is_pixel(const Graph& graph, ValueId value) {
  const Shape& shape = graph.type(value).shape;
  return shape[2] == 1 && shape[3] == 1;
}

std::vector<std::size_t> following_operands(const Graph& graph, const Node& node) {
  std::vector<std::size_t> operands;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!is_image(graph, node.inputs[i])) continue;
    const ValueId source = before_relayouts(graph, node.inputs[i]);
    if (!graph.value(source).is_constant() || !is_pixel(graph, source)) operands.push_back(i);
  }
  return operands;
}

const Node* relayout_of(const Graph& graph, ValueId value) {
  const Node* node = graph.producer(value);
  return node != nullptr && node->op != nullptr && node->as<Relayout>() != nullptr ? node : nullptr;
}

ValueId before_relayouts(const Graph& graph, ValueId value) {
  for (const Node* node = relayout_of(graph, value); node != nullptr;
       node = relayout_of(graph, value))
    value = node->inputs[0];
  return value;
}

}  // namespace octet
