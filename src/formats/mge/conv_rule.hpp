// By which rule MegEngine's CPU rounds a convolution of a .mge file; docs/numerics.md has the
// rules.
#pragma once

#include "ops/conv.hpp"

namespace octet::mge {

// MegEngine's x86 CPU has kernels of its own for depthwise convolutions of QuantizedS8 with these
// filters and strides; they add the bias to the sum before scaling. All others scale both.
inline bool has_depthwise_kernel(const Conv2d& op, const TensorType& x, const Shape& filter) {
  const auto r = filter[2], s = filter[3];
  const auto& window = op.window;
  return x.dtype == DType::s8 && op.output.dtype == DType::s8 && op.groups == x.shape[1] &&
         op.groups == filter[0] && filter[1] == 1 && r == s &&
         (r == 2 || r == 3 || r == 5 || r == 7) && window.stride[0] == window.stride[1] &&
         window.stride[0] <= 2 && window.dilation == std::array<std::int64_t, 2>{1, 1} &&
         !op.flip_filter;
}

// Of a node of format NCHW; nodes of packed formats follow EpilogueRule::mge_packed.
inline EpilogueRule conv_rule(const Conv2d& op, const TensorType& x, const Shape& filter,
                              bool has_z) {
  if (has_z) return EpilogueRule::mge_packed;
  if (!has_depthwise_kernel(op, x, filter)) return EpilogueRule::mge_dense;
  return op.activation.kind == ActivationKind::none ? EpilogueRule::mge_ratio
                                                    : EpilogueRule::mge_packed;
}

}  // namespace octet::mge
