// What the fusing passes share. They turn the later of two nodes into the fused operator, so that
// no reader has to be told and the earlier node stays behind unread.
#pragma once

#include "ir/graph.hpp"

namespace octet {

class Fusion {
 public:
  explicit Fusion(Graph& graph);

  // The node that produces `value` if its operator is an Op and nobody but one node reads the
  // value; else nullptr.
  template <typename Op>
  const Node* only_read_here(ValueId value) const {
    if (value == kNoValue || readers_[static_cast<std::size_t>(value)] != 1) return nullptr;
    const Node* node = graph_.producer(value);
    return node != nullptr && node->op != nullptr && node->as<Op>() != nullptr ? node : nullptr;
  }

 private:
  const Graph& graph_;
  std::vector<int> readers_;  // of each value; a graph output counts
};

// Operand i, or kNoValue where it is absent, whether the node names it or ends before it.
ValueId operand_of(const Node& node, std::size_t i);
// True where both hold one scale and zero point and these are equal.
bool same_quant(const TensorType& a, const TensorType& b);

}  // namespace octet
