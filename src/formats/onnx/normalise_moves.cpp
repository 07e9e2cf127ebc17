// Operators that move elements: move(dequantise(x)) = dequantise(move(x)), so they work on
// integers.
#include <algorithm>
#include <array>
#include <string_view>

#include "formats/onnx/qdq.hpp"
#include "ops/image.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

using Results = std::optional<std::vector<ValueId>>;

// Input 0 is moved; the others say where to.
constexpr std::array<std::string_view, 14> kMoves{
    "expand", "flatten", "gather", "gather_elements", "gather_nd", "identity", "reshape", "slice",
    "split",  "squeeze", "tile",   "transpose",       "unsqueeze", "subtensor"};

bool is_move(const Node& node) {
  if (std::find(kMoves.begin(), kMoves.end(), node.kind()) != kMoves.end()) return true;
  if (const Pool2d* pool = node.as<Pool2d>()) return pool->mode == PoolMode::max;
  if (const Resize* resize = node.as<Resize>())
    return resize->interpolation == Interpolation::nearest &&
           resize->coordinates != CoordinateMode::tf_crop_and_resize;
  return false;
}

Results dequantise_all(Rewriter& rewriter, const Node& node, std::vector<ValueId> values) {
  for (ValueId& value : values) value = add_dequantise(rewriter, value, node.name);
  return values;
}

// The quantised value that `node` may move instead of its dequantised form.
ValueId movable(const Graph& graph, const Node& node, ValueId value) {
  const ValueId source = dequantised_from(graph, value);
  if (source == kNoValue || graph.type(source).quant->is_per_tensor()) return source;
  // Scales per channel follow a transposition.
  return node.as<Transpose>() != nullptr ? source : kNoValue;
}

Results move_integers(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  if (!is_move(node)) return {};
  const ValueId source = movable(rewriter.graph(), node, inputs[0]);
  if (source == kNoValue) return {};
  std::vector<ValueId> operands(inputs.begin(), inputs.end());
  operands[0] = source;
  return dequantise_all(rewriter, node, rewriter.add_node(node.op, std::move(operands), node.name));
}

// Padding with 0.0 is padding with the zero point.
Results pad_integers(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  const Pad* pad = node.as<Pad>();
  if (pad == nullptr) return {};
  Graph& graph = rewriter.graph();
  const ValueId source = dequantised_from_per_tensor(graph, inputs[0]);
  if (source == kNoValue) return {};
  if (inputs.size() > 2 && inputs[2] != kNoValue) {
    const Tensor* value = graph.known(inputs[2]);
    if (value == nullptr || value->dtype() != DType::f32 || value->values<float>()[0] != 0.0f)
      return {};
  }
  TensorType type = graph.type(source);
  Tensor zero(TensorType{type.dtype, {}, {}, {}});
  const auto point = static_cast<std::uint32_t>(type.quant->zero_point());
  for (std::size_t i = 0; i < size_of(type.dtype); ++i)
    zero.mutable_data()[i] = static_cast<std::byte>(point >> (8 * i));  // little endian
  return dequantise_all(
      rewriter, node,
      {rewriter.add(node.op, {source, inputs[1], graph.add_constant(std::move(zero))}, node.name)});
}

Results concat_integers(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  if (node.as<Concat>() == nullptr) return {};
  const Graph& graph = rewriter.graph();
  std::vector<ValueId> sources;
  for (const ValueId input : inputs) sources.push_back(dequantised_from_per_tensor(graph, input));
  for (const ValueId source : sources)
    if (source == kNoValue || graph.type(source).quant != graph.type(sources[0]).quant ||
        graph.type(source).dtype != graph.type(sources[0]).dtype)
      return {};
  return dequantise_all(rewriter, node, {rewriter.add(node.op, std::move(sources), node.name)});
}

// A shape needs no floats; without its reader the dequantisation goes away.
Results shape_of_integers(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  if (node.as<ShapeOf>() == nullptr) return {};
  const ValueId source = dequantised_from(rewriter.graph(), inputs[0]);
  if (inputs.size() != 1 || source == kNoValue) return {};
  return rewriter.add_node(node.op, {source}, node.name);
}

constexpr Rewriter::Rule kRules[] = {move_integers, pad_integers, concat_integers,
                                     shape_of_integers};

}  // namespace

std::span<const Rewriter::Rule> move_rules() { return kRules; }

}  // namespace octet::onnx
