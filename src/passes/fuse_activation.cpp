#include "passes/fuse_activation.hpp"

#include "ops/conv.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/product.hpp"
#include "passes/fusion.hpp"

namespace octet {
namespace {

// The activation that `op` performs from x to y, if its bits are those of an operator's own.
std::optional<Activation> activation_of(const Elementwise& op, const TensorType& x,
                                        const TensorType& y) {
  const bool is_float = x.dtype == DType::f32 && y.dtype == DType::f32;
  // A product gives sums of 32 bits as they are.
  const bool same_bytes = same_quant(x, y) && is_per_tensor_byte(y);
  if (op.mode == ElementwiseMode::relu && (is_float || same_bytes))
    return Activation{ActivationKind::relu, 0.0f, 0.0f};
  if (!is_float) return std::nullopt;
  if (op.mode == ElementwiseMode::clip) return Activation{ActivationKind::clip, op.alpha, op.beta};
  if (op.mode == ElementwiseMode::relu6) return Activation{ActivationKind::clip, 0.0f, 6.0f};
  return std::nullopt;
}

template <typename Op>
bool fuse(Graph& graph, const Fusion& fusion, NodeId id, const Activation& activation) {
  const Node* producer = fusion.only_read_here<Op>(graph.node(id).inputs[0]);
  if (producer == nullptr) return false;
  Op fused = *producer->as<Op>();
  if (fused.activation.kind != ActivationKind::none) return false;
  fused.activation = activation;
  std::vector<ValueId> inputs = producer->inputs;
  graph.rewrite(id, make_op<Op>(std::move(fused)), std::move(inputs));
  return true;
}

void run(Graph& graph) {
  const Fusion fusion(graph);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const auto* op = node.as<Elementwise>();
    if (op == nullptr || node.inputs.size() != 1) continue;
    const auto activation =
        activation_of(*op, graph.type(node.inputs[0]), graph.type(node.outputs[0]));
    if (!activation) continue;
    static_cast<void>(fuse<Conv2d>(graph, fusion, id, *activation) ||
                      fuse<MatMul>(graph, fusion, id, *activation) ||
                      fuse<ConvTranspose2d>(graph, fusion, id, *activation) ||
                      fuse<BatchConv2d>(graph, fusion, id, *activation));
  }
}

}  // namespace

Pass fuse_activation_pass() { return {"fuse_activation", run}; }

}  // namespace octet
