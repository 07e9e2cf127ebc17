#include "passes/fusion.hpp"

namespace octet {

Fusion::Fusion(Graph& graph) : graph_(graph), readers_(graph.value_count(), 0) {
  const auto count = [&](ValueId id) {
    if (id != kNoValue) ++readers_[static_cast<std::size_t>(id)];
  };
  for (std::size_t i = 0; i < graph.node_count(); ++i) {
    const Node& node = graph.node(static_cast<NodeId>(i));
    if (node.op == nullptr) continue;
    for (const ValueId input : node.inputs) count(input);
  }
  for (const GraphOutput& output : graph.outputs()) count(output.value);
}

ValueId operand_of(const Node& node, std::size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : kNoValue;
}

bool same_quant(const TensorType& a, const TensorType& b) {
  return a.dtype == b.dtype && a.quant && b.quant && *a.quant == *b.quant;
}

}  // namespace octet
