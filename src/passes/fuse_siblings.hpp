// Convolutions of one input as one kernel's work.
#pragma once

#include "passes/pass.hpp"
#include "passes/region.hpp"

namespace octet {

// Outlines two convolutions that read the same value, where `test` accepts them as a region: those
// at the beginning of a residual block, or of any two branches. For the end of a pipeline, when
// layouts are settled.
Pass fuse_siblings_pass(RegionTest test);

}  // namespace octet
