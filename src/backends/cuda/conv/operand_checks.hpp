// What kernels for convolutions of 8-bit values ask of their operands, whatever the layout. Each
// says why a problem is not for them, or accept().
#pragma once

#include "kernels/kernel.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

// A bias must be known before the run.
Verdict check_constant_bias(const Problem& problem);
// A z must be 8-bit quantised and lie as the output does.
Verdict check_z(const Problem& problem);
// Activations must give the same bits on the device.
Verdict check_activations(const Conv2d& op);
// Elements of input and output are counted in 32 bits.
Verdict check_element_counts(const Problem& problem);

// The three that take no size, for kernels of the usual operands: x, filter, bias, z.
Verdict check_conv_operands(const Problem& problem, const Conv2d& op);

}  // namespace octet::cuda
