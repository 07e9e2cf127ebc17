#include "passes/drop_padded_channels.hpp"

#include <algorithm>

#include "ops/conv.hpp"
#include "ops/index_values.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "passes/fusion.hpp"

namespace octet {
namespace {

constexpr std::size_t kX = 0, kFilter = 1, kChannels = 1;

// Whether a pad only adds channels behind the last one.
bool adds_channels_only(const Graph& graph, const Node& node) {
  const Tensor* known = graph.known(node.inputs[1]);
  if (known == nullptr || graph.type(node.inputs[kX]).shape.rank() != 4) return false;
  const std::vector<std::int64_t> pads = to_integers(*known);
  constexpr std::size_t kEndOfChannels = 4 + kChannels;
  for (std::size_t i = 0; i < pads.size(); ++i)
    if (i == kEndOfChannels ? pads[i] <= 0 : pads[i] != 0) return false;
  return true;
}

// What `value` is but for channels that were added behind; kNoValue where none were.
ValueId without_added_channels(const Graph& graph, ValueId value) {
  const Node* node = graph.producer(value);
  if (node == nullptr || node->op == nullptr) return kNoValue;
  if (node->as<Pad>() != nullptr)
    return adds_channels_only(graph, *node) ? node->inputs[kX] : kNoValue;
  const auto* concat = node->as<Concat>();
  if (concat == nullptr || graph.type(value).shape.rank() != 4 ||
      resolve_axis(concat->axis, 4) != kChannels)
    return kNoValue;
  return node->inputs[kX];
}

// The filter's first `channels` input channels, or nothing where another one is not zero.
std::optional<Tensor> shortened(const Tensor& filter, std::int64_t channels) {
  const Shape& from = filter.shape();
  TensorType type = filter.type();
  type.shape[kChannels] = channels;
  Tensor result(type);
  const std::int64_t plane = from[2] * from[3];
  const std::int64_t whole = from[kChannels] * plane, kept = channels * plane;
  for (std::int64_t k = 0; k < from[0]; ++k) {
    const std::byte* row = filter.data() + k * whole;
    const auto zero = static_cast<std::byte>(type.quant->zero_point(static_cast<std::size_t>(k)));
    if (std::any_of(row + kept, row + whole, [&](std::byte b) { return b != zero; }))
      return std::nullopt;
    std::copy_n(row, kept, result.mutable_data() + k * kept);
  }
  return result;
}

void drop_channels(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto* conv = node.as<Conv2d>();
  if (conv == nullptr || conv->groups != 1) return;
  const Tensor* filter = graph.known(node.inputs[kFilter]);
  if (filter == nullptr || !filter->type().quant || size_of(filter->dtype()) != 1) return;
  const ValueId x = without_added_channels(graph, node.inputs[kX]);
  if (x == kNoValue || !same_quant(graph.type(x), graph.type(node.inputs[kX]))) return;
  std::optional<Tensor> kept = shortened(*filter, graph.type(x).shape[kChannels]);
  if (!kept) return;
  std::vector<ValueId> inputs = node.inputs;
  const OpPtr op = node.op;
  inputs[kX] = x;
  inputs[kFilter] = graph.add_constant(std::move(*kept));
  graph.rewrite(id, op, std::move(inputs));
}

}  // namespace

Pass drop_padded_channels_pass() {
  return {"drop_padded_channels", [](Graph& graph) {
            for (const NodeId id : graph.order()) drop_channels(graph, id);
          }};
}

}  // namespace octet
