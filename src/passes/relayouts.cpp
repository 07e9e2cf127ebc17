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
