// Random pairs of convolutions that read one input, for tests of the kernels that run both.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

// A sub-graph x {N,C,H,W} -> two convolutions -> two outputs, in NHWC4. Mostly what the kernels
// take.
Case random_siblings(Random& random);

}  // namespace octet::testing
