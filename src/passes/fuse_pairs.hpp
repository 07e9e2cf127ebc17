// Two 1x1 convolutions in a row as one kernel's work.
#pragma once

#include "passes/pass.hpp"
#include "passes/region.hpp"

namespace octet {

// Outlines a 1x1 convolution, with the residual addition that is part of it, and a 1x1 convolution
// that reads its result, where `test` accepts the two. Others may read the result as well: it is an
// output of the sub-graph then. For the end of a pipeline, when layouts are settled.
Pass fuse_pairs_pass(RegionTest test);

}  // namespace octet
