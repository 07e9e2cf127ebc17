#include "formats/onnx/normalise.hpp"

#include <vector>

#include "formats/onnx/qdq.hpp"

namespace octet::onnx {
namespace {

using Results = std::optional<std::vector<ValueId>>;

// Quantize(Dequantize(x)) is x, or x with another scale.
Results requantise(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  const OutputSpec* output = quantised_to(node);
  if (output == nullptr || !is_per_tensor(*output)) return {};
  const ValueId source = dequantised_from_per_tensor(rewriter.graph(), inputs[0]);
  if (source == kNoValue) return {};
  return {{add_quantise(rewriter, source, *output, node.name)}};
}

constexpr Rewriter::Rule kQuantiseRules[] = {requantise, quantise_product, quantise_function};

}  // namespace

Graph normalise(const Graph& graph) {
  std::vector<Rewriter::Rule> rules(move_rules().begin(), move_rules().end());
  rules.insert(rules.end(), std::begin(kQuantiseRules), std::end(kQuantiseRules));
  const Graph quantised = Rewriter(graph).run(rules);
  return Rewriter(quantised).run(float_product_rules());
}

}  // namespace octet::onnx
