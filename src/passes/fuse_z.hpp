// Takes a residual addition into the convolution that produces one of its operands.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// conv2d, then add (or add with an activation) of its result and another value of the same shape,
// becomes a conv2d with z that rounds twice: the same bits, one pass over the data. The convolution
// must give s8 or u8 with one scale, have no z yet, and have no other reader. Where both operands
// qualify, the first is taken.
Pass fuse_z_pass();

}  // namespace octet
