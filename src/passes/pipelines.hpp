// The ordered lists of passes, and nothing else.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// What every backend wants: constants folded, nothing dead or repeated, operators fused where the
// bits stay.
Pipeline canonical_pipeline();

// canonical_pipeline(), then NHWC around the quantised convolutions.
Pipeline cpu_pipeline();

// canonical_pipeline(), then the layout that the CUDA kernels like best, or the one that an option
// of MegEngine's names.
Pipeline cuda_pipeline();
Pipeline nchw4_pipeline();
Pipeline nchw32_pipeline();
Pipeline chwn4_pipeline();

}  // namespace octet
