// By which rule MegEngine's CPU rounds a convolution of a .mge file; docs/numerics.md has the
// rules.
#pragma once

#include "ops/conv.hpp"

namespace octet::mge {

// MegEngine's x86 CPU has kernels of its own for depthwise convolutions of QuantizedS8 with these
// filters and strides. They take the filter as it is, also in the mode CONVOLUTION, which turns it
// elsewhere.
inline bool has_depthwise_kernel(const Conv2d& op, const TensorType& x, const Shape& filter) {
  const auto r = filter[2], s = filter[3];
  const auto& window = op.window;
  return x.dtype == DType::s8 && op.output.dtype == DType::s8 && op.groups == x.shape[1] &&
         op.groups == filter[0] && filter[1] == 1 && r == s &&
         (r == 2 || r == 3 || r == 5 || r == 7) && window.stride[0] == window.stride[1] &&
         window.stride[0] <= 2 && window.dilation == std::array<std::int64_t, 2>{1, 1};
}

// Its other kernels of QuantizedS8 scale sum and bias each by itself. The depthwise ones, and the
// general kernel for dilated filters, for 1x1 filters over padding and for Quantized8Asymm, add the
// bias to the sum first.
inline bool adds_bias_to_sum(const Conv2d& op, const TensorType& x, const Shape& filter) {
  const bool dilated = op.window.dilation != std::array<std::int64_t, 2>{1, 1};
  const bool pads_pixels = filter[2] == 1 && filter[3] == 1 &&
                           op.window.stride == std::array<std::int64_t, 2>{1, 1} &&
                           op.window.pad != std::array<std::int64_t, 4>{};
  return dilated || pads_pixels || x.dtype == DType::u8 || has_depthwise_kernel(op, x, filter);
}

// Of a node of format NCHW. Nodes of other formats, and with a z, run on MegEngine's plain loops.
inline EpilogueRule conv_rule(const Conv2d& op, const TensorType& x, const Shape& filter,
                              bool has_z) {
  if (has_z) return EpilogueRule::mge_naive;
  if (!adds_bias_to_sum(op, x, filter)) return EpilogueRule::mge_dense;
  return op.activation.kind == ActivationKind::none ? EpilogueRule::mge_ratio
                                                    : EpilogueRule::mge_packed;
}

}  // namespace octet::mge
