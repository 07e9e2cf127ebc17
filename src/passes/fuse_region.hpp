// What the passes share that outline regions for kernels which run them as a whole.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "kernels/kernel.hpp"

namespace octet {

using RunsRegion = std::function<bool(const Problem&)>;

// Outlines the nodes as one `subgraph` if `runs` accepts what comes out; else changes nothing.
bool fuse_region(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
                 const RunsRegion& runs);

}  // namespace octet
