// Takes an activation into the operator that produces its operand.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// conv2d, conv_transpose2d, batch_conv2d or matmul, then relu or clip, becomes one operator where
// the bits stay: relu on stored integers of one scale (rounding and clamping keep the order of
// numbers, so relu may come before them), relu and clip on f32. The intermediate value must have
// one reader.
Pass fuse_activation_pass();

}  // namespace octet
