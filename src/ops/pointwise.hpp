// Operators whose every element of the output depends on one element of each input, so that several
// of them can be performed on an element before the next one.
#pragma once

#include "ir/graph.hpp"

namespace octet {

// An elementwise function, or a conversion with one scale on each side, whose operands lie in
// memory as its output does, or are broadcast to it in the default layout.
bool is_pointwise(const Graph& graph, const Node& node);

// Whether the graph holds such operators alone and gives one value.
bool is_pointwise(const Graph& graph);

}  // namespace octet
