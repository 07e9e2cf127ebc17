#include "passes/replacements.hpp"

namespace octet {

void Replacements::tell(NodeId node) {
  const std::size_t count = graph_.node(node).inputs.size();
  for (std::size_t i = 0; i < count; ++i) {
    const ValueId input = graph_.node(node).inputs[i];
    if (const ValueId to = resolve(input); to != input) graph_.set_input(node, i, to);
  }
}

void Replacements::tell_outputs() {
  for (std::size_t i = 0; i < graph_.outputs().size(); ++i)
    graph_.set_output(i, resolve(graph_.outputs()[i].value));
}

}  // namespace octet
