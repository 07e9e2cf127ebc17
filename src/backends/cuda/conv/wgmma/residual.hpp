// A shorter way to the same bits for the last step of a residual addition.
//
// Once the convolution's own result is rounded to a byte (`mid`), y depends on two bytes alone:
//   y = quantise(activation(fl(fl((mid - zm) * s_m) + fl((z - zz) * s_z))))
// Three fused operations reach the same 65536 results for almost all scales, with constants near
// the obvious ones:
//   t = fma(u, b, c)        u: the byte of z, counted from its type's lowest value
//   s = sat(fma(q, a, t))   q: mid as a kernel counts it; sat clamps to [0, 1] = [lowest, highest]
//   y = low byte of fma(s, span, base)
// The constants are searched for and then tried on every pair of bytes; where none pass, the
// kernels perform the canonical operations.
#pragma once

#include <algorithm>
#include <optional>

#include "backends/cuda/conv/wgmma/params.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

// How a kernel counts mid's stored integers: from `zero`, in some unit, and no further than `most`.
struct MidCount {
  int zero;
  float unit = 1.0f, most = 256.0f;

  float operator()(int mid) const { return std::min(static_cast<float>(mid - zero) * unit, most); }
};

// The device's operations on the host; `q` and `u` as above.
int residual_byte(const ResidualStep& step, float q, int u);

// For an epilogue whose z is rounded twice. `z_lowest` is that of z's type: -128 or 0.
std::optional<ResidualStep> prove_residual(const Epilogue& epilogue, int z_lowest,
                                           const MidCount& count);

}  // namespace octet::cuda
