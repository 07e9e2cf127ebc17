#include "passes/fuse_z.hpp"

#include "ops/conv.hpp"
#include "ops/elementwise.hpp"
#include "ops/product.hpp"
#include "passes/fusion.hpp"

namespace octet {
namespace {

constexpr std::size_t kZ = 3;

std::optional<ActivationKind> activation_after_add(ElementwiseMode mode) {
  switch (mode) {
    case ElementwiseMode::add: return ActivationKind::none;
    case ElementwiseMode::add_relu: return ActivationKind::relu;
    case ElementwiseMode::add_sigmoid: return ActivationKind::sigmoid;
    case ElementwiseMode::add_tanh: return ActivationKind::tanh;
    case ElementwiseMode::add_h_swish: return ActivationKind::h_swish;
    default: return std::nullopt;
  }
}

bool fuse(Graph& graph, const Fusion& fusion, NodeId id, ValueId conv_result, ValueId z,
          ActivationKind activation) {
  const Node* producer = fusion.only_read_here<Conv2d>(conv_result);
  if (producer == nullptr || operand_of(*producer, kZ) != kNoValue) return false;
  const TensorType& mid = graph.type(conv_result);
  if (!is_per_tensor_byte(mid) || !is_per_tensor_byte(graph.type(z))) return false;
  if (!(mid.shape == graph.type(z).shape)) return false;

  const auto& add = *graph.node(id).as<Elementwise>();
  Conv2d fused = *producer->as<Conv2d>();
  fused.z_rounding = ZRounding::twice;
  fused.mid = fused.output;
  fused.mid_activation = fused.activation;
  fused.activation = Activation{activation, 0.0f, 0.0f};
  fused.output = *add.output;
  fused.z_rule = add.rule;
  std::vector<ValueId> inputs = producer->inputs;
  inputs.resize(kZ, kNoValue);
  inputs.push_back(z);
  graph.rewrite(id, make_op<Conv2d>(std::move(fused)), std::move(inputs));
  return true;
}

void run(Graph& graph) {
  const Fusion fusion(graph);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const auto* op = node.as<Elementwise>();
    if (op == nullptr || !op->output || !is_per_tensor_byte(graph.type(node.outputs[0]))) continue;
    const auto activation = activation_after_add(op->mode);
    if (!activation) continue;
    const ValueId a = node.inputs[0], b = node.inputs[1];
    static_cast<void>(fuse(graph, fusion, id, a, b, *activation) ||
                      fuse(graph, fusion, id, b, a, *activation));
  }
}

}  // namespace

Pass fuse_z_pass() { return {"fuse_z", run}; }

}  // namespace octet
