#include "ops/evaluate.hpp"

#include "base/error.hpp"
#include "base/format.hpp"
#include "ops/convert.hpp"

namespace octet {
namespace {

TensorType in_default_layout(TensorType type) {
  type.layout = kNCHW;
  return type;
}

Tensor in_default_layout(const Tensor& tensor) {
  if (tensor.type().layout == kNCHW) return tensor;
  Tensor copy(in_default_layout(tensor.type()));
  copy_layout(tensor, copy);
  return copy;
}

// The caller's bytes as a tensor that does not own them.
Tensor borrow(const ConstView& view) { return {*view.type, nullptr, view.data}; }

}  // namespace

ConstView absent_operand() noexcept {
  static const TensorType type;
  return {type, nullptr};
}

std::vector<Tensor> compute_node(const Node& node, std::span<const ConstView> inputs,
                                 std::span<const TensorType> outputs) {
  std::vector<Tensor> tensors(outputs.begin(), outputs.end());
  const std::vector<View> views(tensors.begin(), tensors.end());
  try {
    node.op->compute(inputs, views);
  } catch (const Error& error) {
    throw at_place(error, concat(node.kind(), " \"", node.name, "\""));
  }
  return tensors;
}

std::vector<Tensor> evaluate(const Graph& graph, std::span<const ConstView> inputs) {
  std::vector<Tensor> values(graph.value_count());
  const auto at = [&](ValueId id) -> Tensor& { return values[static_cast<std::size_t>(id)]; };
  for (std::size_t i = 0; i < inputs.size(); ++i) at(graph.inputs()[i]) = borrow(inputs[i]);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (const Value& value = graph.value(static_cast<ValueId>(i)); value.is_constant())
      values[i] = in_default_layout(*value.known);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::vector<ConstView> operands;
    for (const ValueId input : node.inputs)
      operands.push_back(input == kNoValue ? absent_operand() : ConstView(at(input)));
    std::vector<TensorType> types;
    for (const ValueId output : node.outputs)
      types.push_back(in_default_layout(graph.type(output)));
    std::vector<Tensor> results = compute_node(node, operands, types);
    for (std::size_t i = 0; i < results.size(); ++i) at(node.outputs[i]) = std::move(results[i]);
  }
  return values;
}

}  // namespace octet
