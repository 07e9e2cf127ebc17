#include "passes/merge_requantise.hpp"

#include <array>

#include "passes/every_value.hpp"
#include "passes/replacements.hpp"

namespace octet {
namespace {

// The conversion in front of `node` if it gives f32.
const Node* dequantisation_before(const Graph& graph, const Node& node) {
  const Node* before = graph.producer(node.inputs[0]);
  if (before == nullptr || before->as<Convert>() == nullptr) return nullptr;
  return graph.type(before->outputs[0]).dtype == DType::f32 ? before : nullptr;
}

// One conversion with the bits of both; nothing where there is none.
std::optional<Convert> merged(const Convert& first, const Convert& second, const Tensor& values) {
  const std::array both{&first, &second};
  const Tensor expected = convert_all(values, both);
  for (const QuantRule rule : {second.rule, QuantRule::onnx}) {
    Convert direct = second;
    direct.rule = rule;
    const Convert* only = &direct;
    if (same_bytes(convert_all(values, {&only, 1}), expected)) return direct;
  }
  return std::nullopt;
}

// Scales on both sides must vary along one axis, if they vary.
bool axes_agree(const TensorType& x, const TensorType& y) {
  return x.quant->is_per_tensor() || y.quant->is_per_tensor() || x.quant->axis == y.quant->axis;
}

void run(Graph& graph) {
  Replacements replacements(graph);
  for (const NodeId id : graph.order()) {
    replacements.tell(id);
    const Node& node = graph.node(id);
    const auto* second = node.as<Convert>();
    if (second == nullptr || !second->output.quant) continue;
    const Node* before = dequantisation_before(graph, node);
    if (before == nullptr) continue;
    const ValueId source = before->inputs[0];
    const TensorType &x = graph.type(source), &y = graph.type(node.outputs[0]);
    if (!x.quant || !axes_agree(x, y) || x.layout != y.layout) continue;
    TensorType type = x;
    // One row per channel, whichever side has the channels.
    if (x.quant->is_per_tensor()) {
      type.quant->scales.resize(y.quant->scales.size(), x.quant->scale());
      type.quant->zero_points.assign(y.quant->scales.size(), x.quant->zero_point());
    }
    const std::optional<Tensor> values = every_value(type);
    if (!values) continue;
    const std::optional<Convert> direct = merged(*before->as<Convert>(), *second, *values);
    if (!direct) continue;
    if (is_identity(*direct, x)) replacements.replace(node.outputs[0], source);
    else graph.rewrite(id, make_op<Convert>(*direct), {source});
  }
  replacements.tell_outputs();
}

}  // namespace

Pass merge_requantise_pass() { return {"merge_requantise", run}; }

}  // namespace octet
