#include "passes/remove_identities.hpp"

#include <algorithm>

#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/image.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/shape.hpp"
#include "passes/every_value.hpp"
#include "passes/replacements.hpp"

namespace octet {
namespace {

// True where an input is known and each of its numbers satisfies `holds`.
template <typename Predicate>
bool all_numbers(const Graph& graph, ValueId value, Predicate holds) {
  const Tensor* known = graph.known(value);
  if (known == nullptr) return false;
  const std::vector<std::int64_t> numbers = to_integers(*known);
  return std::all_of(numbers.begin(), numbers.end(), holds);
}

bool keeps_axes(const Transpose& op, const TensorType& x) {
  const std::size_t rank = x.shape.rank();
  if (op.permutation.empty()) return rank <= 1;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (resolve_axis(op.permutation[axis], rank) != axis) return false;
  return true;
}

bool steps_forward(const Graph& graph, const Node& node) {
  return node.inputs.size() < 5 || node.inputs[4] == kNoValue ||
         all_numbers(graph, node.inputs[4], [](std::int64_t step) { return step > 0; });
}

// Of equal shapes, only a backward step could still change something.
bool steps_forward(const Graph& graph, const Node& node, const Subtensor& op) {
  std::size_t next = 1;
  for (const SubtensorItem& item : op.items) {
    next += static_cast<std::size_t>(item.begin + item.end);
    if (item.step &&
        !all_numbers(graph, node.inputs[next++], [](std::int64_t step) { return step > 0; }))
      return false;
    if (item.index) ++next;
  }
  return true;
}

bool keeps_pixels(const Graph& graph, const Node& node, const Resize& op) {
  if (op.coordinates == CoordinateMode::tf_crop_and_resize) return false;
  const Tensor* scales = graph.known(node.inputs[1]);
  if (scales == nullptr) return node.inputs[1] == kNoValue;
  const auto values = scales->values<float>();
  return std::all_of(values.begin(), values.end(), [](float scale) { return scale == 1.0f; });
}

// Whether a node whose output has the type of its first input gives back that input.
bool gives_back(const Graph& graph, const Node& node) {
  const TensorType& x = graph.type(node.inputs[0]);
  if (node.as<Identity>() || node.as<Cast>() || node.as<SetQuant>() || node.as<Reshape>() ||
      node.as<Squeeze>() || node.as<Unsqueeze>() || node.as<Flatten>() || node.as<Expand>() ||
      node.as<Tile>())
    return true;
  if (node.as<Concat>()) return node.inputs.size() == 1;
  if (node.as<Split>()) return node.outputs.size() == 1;
  if (const auto* op = node.as<Convert>()) return is_identity(*op, x);
  if (const auto* op = node.as<Transpose>()) return keeps_axes(*op, x);
  if (node.as<Pad>())
    return all_numbers(graph, node.inputs[1], [](std::int64_t pad) { return pad == 0; });
  if (node.as<Slice>()) return steps_forward(graph, node);
  if (const auto* op = node.as<Subtensor>()) return steps_forward(graph, node, *op);
  if (const auto* op = node.as<Resize>()) return keeps_pixels(graph, node, *op);
  if (const auto* op = node.as<Elementwise>())
    return op->mode == ElementwiseMode::identity && !x.quant;
  return false;
}

void run(Graph& graph) {
  Replacements replacements(graph);
  for (const NodeId id : graph.order()) {
    replacements.tell(id);
    const Node& node = graph.node(id);
    if (node.inputs.empty() || node.inputs[0] == kNoValue) continue;
    if (graph.type(node.inputs[0]) == graph.type(node.outputs[0]) && gives_back(graph, node))
      replacements.replace(node.outputs[0], node.inputs[0]);
  }
  replacements.tell_outputs();
}

}  // namespace

Pass remove_identities_pass() { return {"remove_identities", run}; }

}  // namespace octet
