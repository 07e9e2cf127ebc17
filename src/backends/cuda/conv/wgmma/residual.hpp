// A shorter way to the same bits for the last step of a residual addition.
//
// Once the convolution's own result is rounded to a byte (`mid`), y depends on two bytes alone:
//   y = quantise(activation(fl(fl((mid - zm) * s_m) + fl((z - zz) * s_z))))
// Three fused operations reach the same 65536 results for almost all scales, with constants near
// the obvious ones:
//   t = fma(u, b, c)        u: the byte of z, counted from its type's lowest value
//   s = sat(fma(q, a, t))   q: mid minus its zero point, or counted from its lowest value; sat
//                           clamps to [0, 1] = [lowest, highest]
//   y = low byte of fma(s, span, base)
// The constants are searched for and then tried on every pair of bytes; where none pass, the
// kernels perform the canonical operations.
#pragma once

#include <optional>

#include "backends/cuda/conv/wgmma/params.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// The device's operations on the host; `q` is mid's integer and `u` as above.
int residual_byte(const ResidualStep& step, int q, int u);

// For an epilogue whose z is rounded twice. `z_lowest` is that of z's type: -128 or 0; `q_zero` is
// what mid's integer is counted from, without its zero point: 0, or its lowest.
std::optional<ResidualStep> prove_residual(const Epilogue& epilogue, int z_lowest, int q_zero);

}  // namespace octet::cuda
