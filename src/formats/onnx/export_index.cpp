// Operators that pick elements by their indices.
#include <algorithm>
#include <limits>

#include "formats/onnx/exporter.hpp"
#include "ops/move.hpp"

namespace octet::onnx {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

void export_slice(Exporter& e, const Node& node) {
  std::vector<std::string> inputs{e.stored(node.inputs[0])};
  for (std::size_t i = 1; i < 5; ++i) {
    const bool given = i < node.inputs.size() && node.inputs[i] != kNoValue;
    inputs.push_back(given ? e.int64(node.inputs[i]) : std::string());
  }
  e.define(node.outputs[0], e.emit("Slice", inputs));
}

// A number of an item as a vector of one: from the node's next input, or `otherwise`.
std::string next_number(Exporter& e, const Node& node, bool given, std::size_t& input,
                        std::int64_t otherwise) {
  if (!given) return e.integers({otherwise});
  return e.emit("Reshape", {e.int64(node.inputs[input++]), e.integers({1})});
}

// The sign of a step decides what an absent begin or end means; it must be known.
bool steps_backwards(const Exporter& e, const Node& node, const SubtensorItem& item,
                     std::size_t input) {
  if (!item.step) return false;
  const std::size_t at = input + (item.begin ? 1 : 0) + (item.end ? 1 : 0);
  const Tensor* step = e.graph().known(node.inputs[at]);
  if (step == nullptr || step->dtype() != DType::s32)
    Exporter::unsupported("a part of a value with a computed step");
  return step->values<std::int32_t>()[0] < 0;
}

// All ranges by one Slice, then each index by a Gather, the last axis first.
void export_subtensor(Exporter& e, const Node& node) {
  const auto rank = static_cast<std::int64_t>(e.type(node.inputs[0]).shape.rank());
  std::vector<std::string> starts, ends, steps;
  std::vector<std::int64_t> axes;
  std::vector<std::pair<std::int64_t, ValueId>> indices;
  std::size_t input = 1;
  for (const SubtensorItem& item : node.as<Subtensor>()->items) {
    const std::int64_t axis = item.axis < 0 ? item.axis + rank : item.axis;
    if (item.index) {
      indices.emplace_back(axis, node.inputs[input++]);
      continue;
    }
    const bool backwards = steps_backwards(e, node, item, input);
    axes.push_back(axis);
    starts.push_back(next_number(e, node, item.begin, input, backwards ? kHighest : 0));
    ends.push_back(next_number(e, node, item.end, input, backwards ? kLowest : kHighest));
    steps.push_back(next_number(e, node, item.step, input, 1));
  }

  std::string value = e.stored(node.inputs[0]);
  const AttributeList along_first{{"axis", std::int64_t{0}}};
  if (!axes.empty())
    value = e.emit(
        "Slice", {value, e.emit("Concat", starts, along_first), e.emit("Concat", ends, along_first),
                  e.integers(axes), e.emit("Concat", steps, along_first)});
  std::sort(indices.rbegin(), indices.rend());
  for (const auto& [axis, index] : indices) {
    const std::string scalar = e.emit("Reshape", {e.int64(index), e.integers({})});
    value = e.emit("Gather", {value, scalar}, {{"axis", axis}});
  }
  e.define(node.outputs[0], value);
}

void export_gather(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.emit("Gather", {e.stored(node.inputs[0]), e.stored(node.inputs[1])},
                                   {{"axis", node.as<Gather>()->axis}}));
}

void export_gather_elements(Exporter& e, const Node& node) {
  e.define(node.outputs[0],
           e.emit("GatherElements", {e.stored(node.inputs[0]), e.stored(node.inputs[1])},
                  {{"axis", node.as<GatherElements>()->axis}}));
}

void export_gather_nd(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.emit("GatherND", {e.stored(node.inputs[0]), e.int64(node.inputs[1])},
                                   {{"batch_dims", node.as<GatherND>()->batch_dims}}));
}

void export_scatter_elements(Exporter& e, const Node& node) {
  e.define(node.outputs[0],
           e.emit("ScatterElements",
                  {e.stored(node.inputs[0]), e.stored(node.inputs[1]), e.stored(node.inputs[2])},
                  {{"axis", node.as<ScatterElements>()->axis}}));
}

void export_scatter_nd(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.emit("ScatterND", {e.stored(node.inputs[0]), e.int64(node.inputs[1]),
                                                 e.stored(node.inputs[2])}));
}

void export_one_hot(Exporter& e, const Node& node) {
  e.define(node.outputs[0],
           e.emit("OneHot",
                  {e.stored(node.inputs[0]), e.stored(node.inputs[1]), e.stored(node.inputs[2])},
                  {{"axis", node.as<OneHot>()->axis}}));
}

constexpr ExportRow kRows[] = {
    {Slice::kKind, export_slice},          {Subtensor::kKind, export_subtensor},
    {Gather::kKind, export_gather},        {GatherElements::kKind, export_gather_elements},
    {GatherND::kKind, export_gather_nd},   {ScatterElements::kKind, export_scatter_elements},
    {ScatterND::kKind, export_scatter_nd}, {OneHot::kKind, export_one_hot},
};

}  // namespace

std::span<const ExportRow> index_exports() { return kRows; }

}  // namespace octet::onnx
