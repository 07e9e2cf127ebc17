// The ordered lists of passes, and nothing else.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// What the file's format or exporter added goes; then operators that belong together are
// neighbours.
Pipeline cleaning_pipeline();

// cleaning_pipeline(), then what every backend wants: operators fused where the bits stay.
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
