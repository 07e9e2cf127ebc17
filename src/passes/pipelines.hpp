// The ordered lists of passes, and nothing else.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// What every backend wants: constants folded, nothing dead or repeated, operators fused where the
// bits stay.
Pipeline canonical_pipeline();

// canonical_pipeline(), then NHWC around the quantised convolutions.
Pipeline cpu_pipeline();

}  // namespace octet
