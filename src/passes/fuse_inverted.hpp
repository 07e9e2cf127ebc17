// Inverted residual blocks as one kernel's work.
#pragma once

#include <array>
#include <optional>

#include "passes/pass.hpp"
#include "passes/region.hpp"

namespace octet {

// The depthwise convolution and the 1x1 convolution that alone reads it; nothing if the node is
// none or none follows.
std::optional<std::array<NodeId, 2>> depthwise_and_project(const Graph& graph, NodeId depthwise);

// Outlines a 1x1 convolution, the depthwise one that alone reads it and the 1x1 convolution that
// alone reads that, as a sub-graph that stands as one node, where `test` accepts it; then the last
// two of those that are left, as in MobileNetV2's first block. For the end of a pipeline, when
// layouts are settled, and before pairs: a block saves more.
Pass fuse_inverted_pass(RegionTest test);

}  // namespace octet
