// Adding relayout nodes, each value and layout once.
#pragma once

#include <map>

#include "ir/graph.hpp"
#include "ops/convert.hpp"

namespace octet {

class Relayouts {
 public:
  explicit Relayouts(Graph& graph) : graph_(graph) {}

  // `value` in `layout`: itself, or a relayout of it (the same one each time).
  ValueId in_layout(ValueId value, const Layout& layout);

 private:
  using Key = std::pair<ValueId, std::string>;

  Graph& graph_;
  std::map<Key, ValueId> made_;
};

// A value of {N,C,H,W}, which can have a layout. Absent inputs (kNoValue) cannot.
bool is_image(const Graph& graph, ValueId value);

// One pixel per image: most layouts of it are the same bytes, and a broadcast operand is often
// such.
bool is_pixel(const Graph& graph, ValueId value);

// The inputs that share a layout when the node follows its operands: images, but for constant
// pixels.
std::vector<std::size_t> following_operands(const Graph& graph, const Node& node);

// The node that produces `value` if it is a relayout, else nullptr.
const Node* relayout_of(const Graph& graph, ValueId value);

// What a chain of relayouts in front of `value` starts from; `value` itself without one.
ValueId before_relayouts(const Graph& graph, ValueId value);

}  // namespace octet
