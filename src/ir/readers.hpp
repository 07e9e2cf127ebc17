// Who reads a value, for those who look for chains of nodes.
#pragma once

#include "ir/graph.hpp"

namespace octet {

// The only node that reads a value, or kNoNode; also where the graph gives the value itself.
NodeId only_reader(const Graph& graph, ValueId value);

template <typename Op>
bool is(const Graph& graph, NodeId id) {
  return id != kNoNode && graph.node(id).as<Op>() != nullptr;
}

}  // namespace octet
