#include "passes/cpu_layouts.hpp"

#include <algorithm>
#include <array>

#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "ops/product.hpp"
#include "ops/shape.hpp"

namespace octet {
namespace {

// The convolutions that the vector kernels take: quantised bytes with constant weights.
bool is_quantised_conv(const Graph& graph, const Node& node) {
  return node.as<Conv2d>() != nullptr && is_byte(graph.type(node.inputs[0]).dtype) &&
         graph.type(node.inputs[0]).quant && graph.value(node.inputs[1]).is_constant();
}

// Operators with rows for NHWC. What they compute does not depend on where an element lies.
bool follows(const Node& node) {
  constexpr std::array kKinds{
      Convert::kKind, Elementwise::kKind, SetQuant::kKind, Identity::kKind, Concat::kKind,
      Slice::kKind,   Split::kKind,       Gather::kKind,   Pool2d::kKind,   AdaptivePool2d::kKind};
  return std::find(kKinds.begin(), kKinds.end(), node.kind()) != kKinds.end();
}

bool keeps_rank(const Graph& graph, const Node& node) {
  return std::all_of(node.outputs.begin(), node.outputs.end(),
                     [&](ValueId id) { return graph.type(id).shape.rank() == 4; });
}

LayoutAnswer ask(const Graph& graph, const Node& node) {
  if (is_quantised_conv(graph, node)) return LayoutAnswer::wants(kNHWC, {0, 3});
  if (follows(node) && keeps_rank(graph, node)) return LayoutAnswer::follows();
  return LayoutAnswer::fixed();
}

bool converts(const Graph& graph, const Node& node) {
  return node.as<Convert>() != nullptr && graph.type(node.inputs[0]).shape.rank() == 4;
}

}  // namespace

LayoutPolicy cpu_layout_policy() { return {"cpu", ask, converts}; }

}  // namespace octet
