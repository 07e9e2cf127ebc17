// Regions: nodes of a graph that one kernel runs.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "ir/readers.hpp"
#include "kernels/kernel.hpp"

namespace octet {

// Whether a node is a 1x1 convolution of one group.
bool is_pointwise(const Graph& graph, NodeId id);

// Whether a region, as the problem of its one node, is to stand for these problems of its nodes.
using RegionTest = std::function<bool(const Problem& region, std::span<const Problem> parts)>;

// Outlines the nodes (passes/outline.hpp), which must be convex, if `test` says so; else the graph
// stays as it is. Of nodes that are regions themselves the operators are outlined.
bool outline_region(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
                    const RegionTest& test);

}  // namespace octet
