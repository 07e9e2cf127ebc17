// Moves nodes of a graph into a graph of their own that stands as one node in their place, and
// back.
#pragma once

#include <span>
#include <string>

#include "ir/graph.hpp"

namespace octet {

// Makes one `subgraph` node (ops/subgraph.hpp) of these nodes and returns it. Its inputs are the
// values that they read from elsewhere, its outputs those that others read or that the graph gives,
// both in the order in which they are met; constants move inside; layouts and names of values stay.
// Throws Error(invalid_argument) where the nodes are not convex: a path between two of them that
// leads outside would become a cycle.
NodeId outline(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
               const std::string& engine = {});

// Puts the nodes of a `subgraph` node in its place.
void inline_subgraph(Graph& graph, NodeId node);

// Whether no path between two of the nodes leads through another node.
bool is_convex(const Graph& graph, std::span<const NodeId> nodes);

}  // namespace octet
