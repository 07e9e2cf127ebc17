#include "ops/pointwise.hpp"

#include <algorithm>

#include "ops/convert.hpp"
#include "ops/elementwise.hpp"

namespace octet {
namespace {

bool has_one_scale(const TensorType& type) { return !type.quant || type.quant->is_per_tensor(); }

}  // namespace

bool is_pointwise(const Graph& graph, const Node& node) {
  if (node.as<Elementwise>() == nullptr && node.as<Convert>() == nullptr) return false;
  const TensorType& y = graph.type(node.outputs[0]);
  return has_one_scale(y) && std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
           const TensorType& x = graph.type(id);
           const bool alike = x.shape == y.shape || y.layout == kNCHW;
           return has_one_scale(x) && x.layout == y.layout && alike;
         });
}

bool is_pointwise(const Graph& graph) {
  const std::vector<NodeId> nodes = graph.order();
  return graph.outputs().size() == 1 && std::all_of(nodes.begin(), nodes.end(), [&](NodeId id) {
           return is_pointwise(graph, graph.node(id));
         });
}

}  // namespace octet
