#include "passes/fold_batch_norm.hpp"

#include <array>
#include <cmath>

#include "ops/conv.hpp"
#include "ops/elementwise.hpp"
#include "ops/norm.hpp"
#include "passes/fusion.hpp"

namespace octet {
namespace {

// y = x * factor[c] + shift[c].
struct Affine {
  std::vector<float> factor, shift;
};

std::optional<Affine> affine_of(const Graph& graph, const Node& node, const BatchNorm& op) {
  std::array<const float*, 4> parameters{};
  for (std::size_t i = 0; i < 4; ++i) {
    const Tensor* known = graph.known(node.inputs[i + 1]);
    if (known == nullptr || known->dtype() != DType::f32) return std::nullopt;
    parameters[i] = known->values<float>().data();
  }
  const auto& [scale, bias, mean, variance] = parameters;
  Affine affine;
  const auto channels = static_cast<std::size_t>(graph.type(node.inputs[1]).shape.elements());
  if (channels == 0 || graph.type(node.inputs[0]).dtype != DType::f32) return std::nullopt;
  for (std::size_t c = 0; c < channels; ++c) {
    const double factor =
        static_cast<double>(scale[c]) / std::sqrt(static_cast<double>(variance[c]) + op.epsilon);
    affine.factor.push_back(static_cast<float>(factor));
    affine.shift.push_back(
        static_cast<float>(static_cast<double>(bias[c]) - static_cast<double>(mean[c]) * factor));
  }
  return affine;
}

// {C,1,...,1}: one number per channel that broadcasts to a value {N,C,...} of this rank.
ValueId add_per_channel(Graph& graph, const std::vector<float>& values, std::size_t rank) {
  Shape shape{static_cast<std::int64_t>(values.size())};
  while (shape.rank() + 1 < rank) shape.push_back(1);
  return graph.add_constant(Tensor::from<float>({DType::f32, shape, kNCHW, std::nullopt}, values));
}

const float* floats(const Graph& graph, ValueId value) {
  const Tensor* known = graph.known(value);
  return known != nullptr && known->dtype() == DType::f32 && !known->type().quant
             ? known->values<float>().data()
             : nullptr;
}

// A convolution whose sums are floats and whose result only `reader` reads.
const Node* foldable_conv(const Graph& graph, ValueId value,
                          std::span<const std::vector<NodeId>> users) {
  const Node* node = graph.producer(value);
  const auto* conv = node == nullptr ? nullptr : node->as<Conv2d>();
  if (conv == nullptr || graph.is_output(value) ||
      users[static_cast<std::size_t>(value)].size() != 1)
    return nullptr;
  const bool has_z = operand_of(*node, 3) != kNoValue, has_bias = operand_of(*node, 2) != kNoValue;
  const bool is_bare = conv->activation.kind == ActivationKind::none && !has_z;
  const TensorType& x = graph.type(node->inputs[0]);
  const bool is_float = x.dtype == DType::f32 && floats(graph, node->inputs[1]) != nullptr &&
                        (!has_bias || floats(graph, node->inputs[2]) != nullptr);
  return is_bare && is_float ? node : nullptr;
}

std::vector<ValueId> scaled_operands(Graph& graph, const Node& conv, const Affine& affine) {
  const std::size_t channels = affine.factor.size();
  Tensor filter = graph.known(conv.inputs[1])->clone();
  const auto weights = filter.mutable_values<float>();
  const std::size_t per_channel = weights.size() / channels;
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= affine.factor[i / per_channel];
  const bool has_bias = operand_of(conv, 2) != kNoValue;
  const float* bias = has_bias ? floats(graph, conv.inputs[2]) : nullptr;
  std::vector<float> shift = affine.shift;
  for (std::size_t c = 0; bias != nullptr && c < channels; ++c)
    shift[c] += bias[c] * affine.factor[c];
  return {conv.inputs[0], graph.add_constant(std::move(filter)), add_per_channel(graph, shift, 2)};
}

void run(Graph& graph) {
  const auto users = graph.users();
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const auto* op = node.as<BatchNorm>();
    const std::optional<Affine> affine = op == nullptr ? std::nullopt : affine_of(graph, node, *op);
    if (!affine) continue;
    const ValueId x = node.inputs[0];
    if (const Node* conv = foldable_conv(graph, x, users)) {
      const OpPtr same = conv->op;
      graph.rewrite(id, same, scaled_operands(graph, *conv, *affine));
      continue;
    }
    const std::size_t rank = graph.type(x).shape.rank();
    Elementwise multiply_add;
    multiply_add.mode = ElementwiseMode::mul_add3;
    graph.rewrite(id, make_op<Elementwise>(multiply_add),
                  {x, add_per_channel(graph, affine->factor, rank),
                   add_per_channel(graph, affine->shift, rank)});
  }
}

}  // namespace

Pass fold_batch_norm_pass() { return {"fold_batch_norm", run}; }

}  // namespace octet
