// Random pairs of 1x1 convolutions as sub-graphs, for tests of the kernel that runs both.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

// How large a pair is: channels of x and of the second result from above half of these on.
struct PairSize {
  std::int64_t least_pixels, x_channels, r_channels;
};

// x, perhaps z -> 1x1 (+ z, rounded twice) -> 1x1; both results are outputs. Mostly what the kernel
// takes.
Case random_pair(Random& random, const PairSize& size);

}  // namespace octet::testing
