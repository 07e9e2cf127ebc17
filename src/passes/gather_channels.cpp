#include "passes/gather_channels.hpp"

#include <algorithm>

#include "ops/axis_range.hpp"
#include "ops/index_values.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/shape.hpp"
#include "passes/arrangement.hpp"

namespace octet {
namespace {

constexpr std::size_t kChannels = 1;
constexpr int kLongestChain = 8;

bool is_index_of_one_axis(const Graph& graph, const Node& node, const Subtensor& op) {
  return op.items.size() == 1 && op.items[0].index && !op.items[0].begin && !op.items[0].end &&
         !op.items[0].step && node.inputs.size() == 2 && graph.known(node.inputs[1]) != nullptr;
}

bool is_move(const Graph& graph, const Node& node) {
  if (node.as<Reshape>() != nullptr || node.as<Transpose>() != nullptr) return true;
  const auto* subtensor = node.as<Subtensor>();
  return subtensor != nullptr && is_index_of_one_axis(graph, node, *subtensor);
}

bool same_but_channels(const Shape& a, const Shape& b) {
  return a.rank() == 4 && b.rank() == 4 && a[0] == b[0] && a[2] == b[2] && a[3] == b[3];
}

// Appends a reshape or transpose; false where it cannot be followed.
bool append(const Graph& graph, const Node& node, Arrangement& arrangement) {
  const auto* transpose = node.as<Transpose>();
  if (transpose == nullptr) return arrangement.reshape(graph.type(node.outputs[0]).shape);
  std::vector<std::int64_t> permutation = transpose->permutation;
  for (std::size_t axis = graph.type(node.inputs[0]).shape.rank();
       transpose->permutation.empty() && axis-- > 0;)
    permutation.push_back(static_cast<std::int64_t>(axis));
  arrangement.transpose(permutation);
  return true;
}

Arrangement::FixedAxis fixed_by(const Graph& graph, const Node& node, const Subtensor& op) {
  const Shape& shape = graph.type(node.inputs[0]).shape;
  const std::size_t axis = resolve_axis(op.items[0].axis, shape.rank());
  const std::vector<std::int64_t> index = to_integers(*graph.known(node.inputs[1]));
  return {axis, resolve_index(index.at(0), shape[axis])};
}

// The channels of `source` that the chain of moves picks, the last of which comes first.
std::optional<std::vector<std::int64_t>> picked_channels(const Graph& graph, ValueId source,
                                                         const std::vector<NodeId>& chain) {
  std::optional<Arrangement> arrangement = Arrangement::of(graph.type(source).shape);
  std::optional<Arrangement::FixedAxis> fixed;
  for (std::size_t i = chain.size(); arrangement && i-- > 0;) {
    const Node& node = graph.node(chain[i]);
    if (const auto* subtensor = node.as<Subtensor>()) fixed = fixed_by(graph, node, *subtensor);
    else if (!append(graph, node, *arrangement)) return std::nullopt;
  }
  return arrangement ? arrangement->indices_along(kChannels, fixed) : std::nullopt;
}

bool are_all_in_order(const std::vector<std::int64_t>& indices, std::int64_t extent) {
  for (std::size_t i = 0; i < indices.size(); ++i)
    if (indices[i] != static_cast<std::int64_t>(i)) return false;
  return static_cast<std::int64_t>(indices.size()) == extent;
}

void rewrite(Graph& graph, NodeId id, ValueId source, const std::vector<std::int64_t>& indices) {
  const TensorType& type = graph.type(source);
  if (type.quant && !type.quant->is_per_tensor()) return;
  if (are_all_in_order(indices, type.shape[kChannels])) return;  // for other passes to remove
  const Shape shape{static_cast<std::int64_t>(indices.size())};
  const ValueId constant = graph.add_constant(
      Tensor::from<std::int64_t>({DType::s64, shape, kNCHW, std::nullopt}, indices));
  Gather gather;
  gather.axis = kChannels;
  graph.rewrite(id, make_op<Gather>(gather), {source, constant});
}

// Looks back from a node for the furthest value of which it picks channels.
void gather_from_chain(Graph& graph, NodeId id) {
  if (graph.type(graph.node(id).outputs[0]).shape.rank() != 4) return;
  std::vector<NodeId> chain;
  std::optional<std::vector<std::int64_t>> indices;
  ValueId source = kNoValue;
  for (NodeId at = id; chain.size() < kLongestChain && is_move(graph, graph.node(at));) {
    // An index of an axis may be taken at the end of the chain alone.
    if (at != id && graph.node(at).as<Subtensor>() != nullptr) break;
    chain.push_back(at);
    const ValueId x = graph.node(at).inputs[0];
    if (chain.size() > 1 &&
        same_but_channels(graph.type(x).shape, graph.type(graph.node(id).outputs[0]).shape)) {
      if (auto found = picked_channels(graph, x, chain)) indices = std::move(found), source = x;
    }
    at = graph.value(x).producer;
    if (at == kNoNode) break;
  }
  if (indices) rewrite(graph, id, source, *indices);
}

// The channels that a slice takes, where it cuts channels and nothing else.
std::optional<AxisRange> cut_channels(const Graph& graph, const Node& node) {
  const Shape& x = graph.type(node.inputs[0]).shape;
  std::vector<std::int64_t> bounds[4];  // starts, ends, axes, steps
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    if (graph.known(node.inputs[i]) == nullptr) return std::nullopt;
    bounds[i - 1] = to_integers(*graph.known(node.inputs[i]));
  }
  if (bounds[0].size() != 1 || bounds[2].size() != 1) return std::nullopt;
  if (resolve_axis(bounds[2][0], x.rank()) != kChannels) return std::nullopt;
  return resolve_range(bounds[0][0], bounds[1][0], bounds[3].empty() ? 1 : bounds[3][0],
                       x[kChannels]);
}

void gather_from_slice(Graph& graph, NodeId id) {
  const Node* producer = graph.producer(graph.node(id).inputs[0]);
  const auto* gather = producer == nullptr ? nullptr : producer->as<Gather>();
  if (gather == nullptr || gather->axis != std::int64_t{kChannels}) return;
  const ValueId source = producer->inputs[0];
  const Tensor* known = graph.known(producer->inputs[1]);
  if (known == nullptr || known->shape().rank() != 1 || graph.type(source).shape.rank() != 4)
    return;
  const auto cut = cut_channels(graph, graph.node(id));
  if (!cut) return;
  const std::vector<std::int64_t> all = read_indices(*known, graph.type(source).shape[kChannels]);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < cut->count; ++i)
    indices.push_back(all[static_cast<std::size_t>(cut->first + i * cut->step)]);
  rewrite(graph, id, source, indices);
}

void run(Graph& graph) {
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.inputs.empty() || node.inputs[0] == kNoValue) continue;
    if (graph.known(node.outputs[0]) != nullptr) continue;
    if (node.as<Slice>() != nullptr) gather_from_slice(graph, id);
    else if (is_move(graph, node)) gather_from_chain(graph, id);
  }
}

}  // namespace

Pass gather_channels_pass() { return {"gather_channels", run}; }

}  // namespace octet
