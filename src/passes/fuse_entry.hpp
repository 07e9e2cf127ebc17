// The first layer and the block behind it as one kernel's work.
#pragma once

#include "passes/pass.hpp"
#include "passes/region.hpp"

namespace octet {

// Joins a first layer without a pool (passes/fuse_stem.hpp) with the depthwise convolution that
// alone reads it and the 1x1 convolution that alone reads that, be they one region already
// (passes/fuse_inverted.hpp) or not, where `test` accepts it. For the end of a pipeline, behind
// both of those passes.
Pass fuse_entry_pass(RegionTest test);

}  // namespace octet
