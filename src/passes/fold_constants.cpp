#include "passes/fold_constants.hpp"

#include <algorithm>

#include "ops/evaluate.hpp"
#include "passes/replacements.hpp"

namespace octet {
namespace {

// Results up to this size are kept, however small the operands.
constexpr std::size_t kFreelyKeptBytes = std::size_t{16} << 20;

bool all_known(const Graph& graph, std::span<const ValueId> values) {
  return std::all_of(values.begin(), values.end(),
                     [&](ValueId id) { return id == kNoValue || graph.known(id) != nullptr; });
}

std::size_t bytes_of(const Graph& graph, std::span<const ValueId> values) {
  std::size_t bytes = 0;
  for (const ValueId id : values)
    if (id != kNoValue) bytes += graph.type(id).bytes();
  return bytes;
}

bool worth_keeping(const Graph& graph, const Node& node) {
  const std::size_t bytes = bytes_of(graph, node.outputs);
  return bytes <= kFreelyKeptBytes || bytes <= 2 * bytes_of(graph, node.inputs);
}

std::vector<Tensor> compute(const Graph& graph, const Node& node) {
  std::vector<ConstView> inputs;
  for (const ValueId id : node.inputs)
    inputs.push_back(id == kNoValue ? absent_operand() : ConstView(*graph.known(id)));
  std::vector<TensorType> types;
  for (const ValueId id : node.outputs) types.push_back(graph.type(id));
  return compute_node(node, inputs, types);
}

void run(Graph& graph) {
  Replacements replacements(graph);
  for (const NodeId id : graph.order()) {
    replacements.tell(id);
    const Node node = graph.node(id);
    std::vector<Tensor> results;
    if (all_known(graph, node.outputs)) {
      for (const ValueId output : node.outputs) results.push_back(*graph.known(output));
    } else if (all_known(graph, node.inputs) && worth_keeping(graph, node)) {
      results = compute(graph, node);
    } else {
      continue;
    }
    for (std::size_t i = 0; i < results.size(); ++i)
      replacements.replace(node.outputs[i], graph.add_constant(std::move(results[i]),
                                                               graph.value(node.outputs[i]).name));
  }
  replacements.tell_outputs();
}

}  // namespace

Pass fold_constants_pass() { return {"fold_constants", run}; }

}  // namespace octet
