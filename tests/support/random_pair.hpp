// Random pairs of 1x1 convolutions as sub-graphs, for tests of the kernel that runs both.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

// x, perhaps z -> 1x1 (+ z, rounded twice) -> 1x1; both results are outputs. Mostly what the kernel
// takes, with at least so many pixels.
Case random_pair(Random& random, std::int64_t least_pixels);

}  // namespace octet::testing
