// Random inverted residual blocks as sub-graphs, for tests of the kernel that runs them as a whole.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

// input {N,C,H,W} s8 -> 1x1 + ReLU, unless `expands` is false -> depthwise 3x3 of stride 1 or 2 +
// ReLU -> 1x1, perhaps with the input or another value added. Mostly what the kernel takes, of up
// to `channels` output channels.
Case random_inverted(Random& random, std::int64_t channels = 160, bool expands = true);

// input {N,1..3,H,W} f32 or s8 -> NHWC4 -> 3x3 of stride 2 + ReLU -> depthwise 3x3 + ReLU -> 1x1.
// Mostly what the kernel takes that runs them as a whole.
Case random_entry(Random& random);

}  // namespace octet::testing
