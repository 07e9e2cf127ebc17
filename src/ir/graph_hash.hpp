// Hashes by which graphs are recognised again. Names and the numbers of nodes and values do not
// count; two graphs whose nodes stand in another order may differ.
#pragma once

#include "ir/graph.hpp"

namespace octet {

// Of the operators, their attributes, the edges and the types of all values: what decides how fast
// a graph runs.
std::uint64_t structure_hash(const Graph& graph);

// Of the bytes of the constants too: what decides what a graph computes.
std::uint64_t content_hash(const Graph& graph);

}  // namespace octet
