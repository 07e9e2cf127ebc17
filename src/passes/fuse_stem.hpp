// The first layer as one kernel's work.
#pragma once

#include "passes/fuse_region.hpp"
#include "passes/pass.hpp"

namespace octet {

// Outlines what brings an input to a convolution (quantising or a change of layout), the
// convolution and, where it is the only reader, the maximum pool behind it: as a sub-graph that
// stands as one node, where `runs` accepts it. For the end of a pipeline, when layouts are settled.
Pass fuse_stem_pass(RunsRegion runs);

}  // namespace octet
