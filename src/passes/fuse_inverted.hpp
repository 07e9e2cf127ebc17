// Inverted residual blocks as one kernel's work.
#pragma once

#include <functional>

#include "kernels/kernel.hpp"
#include "passes/pass.hpp"

namespace octet {

// Outlines a 1x1 convolution, the depthwise one that alone reads it and the 1x1 convolution that
// alone reads that, as a sub-graph that stands as one node, where `runs` accepts it. For the end of
// a pipeline, when layouts are settled.
Pass fuse_inverted_pass(std::function<bool(const Problem&)> runs);

}  // namespace octet
