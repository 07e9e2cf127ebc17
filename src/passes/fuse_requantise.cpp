#include "passes/fuse_requantise.hpp"

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/product.hpp"
#include "passes/fusion.hpp"

namespace octet {
namespace {

constexpr std::size_t kBias = 2, kZ = 3;

bool has_z(const Node& node) { return operand_of(node, kZ) != kNoValue; }

bool rounds_once(const Conv2d& op, const Node& node) {
  return op.z_rounding == ZRounding::once || !has_z(node);
}
bool rounds_once(const MatMul&, const Node&) { return true; }

// Whether the factor that mge_ratio would take for the sums is the scale that the sums carry.
bool carries_own_scale(const Graph& graph, const Node& node, const TensorType& sums) {
  const TensorType& x = graph.type(node.inputs[0]);
  const TensorType& w = graph.type(node.inputs[1]);
  if (!x.quant || !w.quant || !w.quant->is_per_tensor() || !sums.quant) return false;
  const ValueId bias = operand_of(node, kBias);
  const bool from_bias = bias != kNoValue && graph.type(bias).quant;
  const float scale =
      from_bias ? graph.type(bias).quant->scale() : x.quant->scale() * w.quant->scale();
  return sums.quant->is_per_tensor() && scale == sums.quant->scale();
}

// The rule by which the product gives the converted numbers itself, if one has the same bits.
template <typename Op>
std::optional<EpilogueRule> rule_with_convert(const Graph& graph, const Node& node, const Op& op,
                                              const TensorType& target) {
  const TensorType& result = graph.type(node.outputs[0]);
  if (!graph.type(node.inputs[0]).quant || !rounds_once(op, node)) return std::nullopt;
  if (result.dtype == DType::s32 && !has_z(node) && carries_own_scale(graph, node, result))
    return target.quant ? EpilogueRule::mge_ratio : EpilogueRule::mge_packed;
  if (!target.quant) return std::nullopt;
  if (result.dtype != DType::f32 || op.rule == EpilogueRule::onnx) return std::nullopt;
  // Towards f32 these multiply by the scale of the sums alone, as the packed rule does.
  const bool joint = op.rule == EpilogueRule::mge_ratio || op.rule == EpilogueRule::mge_naive;
  return joint ? EpilogueRule::mge_packed : op.rule;
}

template <typename Op>
bool fuse(Graph& graph, const Fusion& fusion, NodeId id) {
  const Node* producer = fusion.only_read_here<Op>(graph.node(id).inputs[0]);
  if (producer == nullptr) return false;
  Op fused = *producer->as<Op>();
  const auto rule =
      rule_with_convert(graph, *producer, fused, graph.type(graph.node(id).outputs[0]));
  if (!rule) return false;
  fused.rule = *rule;
  fused.output = graph.node(id).as<Convert>()->output;
  std::vector<ValueId> inputs = producer->inputs;
  graph.rewrite(id, make_op<Op>(std::move(fused)), std::move(inputs));
  return true;
}

// Rounding is MegEngine's; towards f32 there is none.
bool is_fusable(const Convert& convert, const TensorType& target) {
  if (target.dtype == DType::f32) return true;
  return convert.rule == QuantRule::mge && is_per_tensor_byte(target);
}

void fuse_requantise(Graph& graph) {
  const Fusion fusion(graph);
  for (const NodeId id : graph.order()) {
    const auto* convert = graph.node(id).as<Convert>();
    if (convert == nullptr || !is_fusable(*convert, graph.type(graph.node(id).outputs[0])))
      continue;
    static_cast<void>(fuse<Conv2d>(graph, fusion, id) || fuse<MatMul>(graph, fusion, id));
  }
}

// A constant with one number for each column of the product.
bool is_row_bias(const Graph& graph, ValueId bias, const TensorType& product) {
  const TensorType& type = graph.type(bias);
  const Shape& shape = product.shape;
  return graph.value(bias).is_constant() && type.dtype == product.dtype && shape.rank() > 0 &&
         type.shape.rank() > 0 && type.shape.rank() <= shape.rank() &&
         type.shape.back() == shape.back() && type.shape.elements() == shape.back();
}

bool fuse_bias(Graph& graph, const Fusion& fusion, NodeId id, ValueId product, ValueId bias) {
  const Node* producer = fusion.only_read_here<MatMul>(product);
  if (producer == nullptr || operand_of(*producer, kBias) != kNoValue) return false;
  const auto& op = *producer->as<MatMul>();
  const TensorType& type = graph.type(product);
  if (op.activation.kind != ActivationKind::none ||
      !(graph.type(graph.node(id).outputs[0]) == type))
    return false;
  // A bias is part of the sums: not of what a product of bytes gives as floats or bytes again.
  const bool is_float = graph.type(producer->inputs[0]).dtype == DType::f32;
  if (type.dtype != (is_float ? DType::f32 : DType::s32)) return false;
  if (!is_row_bias(graph, bias, type)) return false;
  std::vector<ValueId> inputs = producer->inputs;
  inputs.resize(kBias, kNoValue);
  inputs.push_back(bias);
  graph.rewrite(id, producer->op, std::move(inputs));
  return true;
}

void fuse_biases(Graph& graph) {
  const Fusion fusion(graph);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const auto* op = node.as<Elementwise>();
    if (op == nullptr || op->mode != ElementwiseMode::add) continue;
    const ValueId a = node.inputs[0], b = node.inputs[1];
    static_cast<void>(fuse_bias(graph, fusion, id, a, b) || fuse_bias(graph, fusion, id, b, a));
  }
}

}  // namespace

Pass fuse_requantise_pass() { return {"fuse_requantise", fuse_requantise}; }

Pass fuse_bias_pass() { return {"fuse_bias", fuse_biases}; }

}  // namespace octet
