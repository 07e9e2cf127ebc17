// Chains and trees of elementwise operators as one kernel's work.
#pragma once

#include <functional>

#include "kernels/kernel.hpp"
#include "passes/pass.hpp"

namespace octet {

// Outlines elementwise operators and conversions (ops/pointwise.hpp) that nobody but the next one
// reads, as a sub-graph that stands as one node: as many as `runs` accepts, where these are at
// least two. Only operators of one shape are joined, so that nothing is computed twice. For the end
// of a pipeline, when layouts are settled.
Pass fuse_elementwise_pass(std::function<bool(const Problem&)> runs);

}  // namespace octet
