// Fields that many parameter tables share, as Octet's attributes.
#pragma once

#include "formats/mge/lower.hpp"

namespace octet::mge {

// From any table with pad, stride and dilation. Operator attributes are checked by their inference.
template <typename P>
Window2d window_of(const P& p) {
  Window2d window;
  window.stride = {p.stride_h(), p.stride_w()};
  window.pad = {p.pad_h(), p.pad_w(), p.pad_h(), p.pad_w()};
  window.dilation = {p.dilate_h(), p.dilate_w()};
  return window;
}

// True for CONVOLUTION, whose filter is turned by 180 degrees.
inline bool flips_filter(fbs::ConvMode mode) {
  if (mode != fbs::ConvMode::CROSS_CORRELATION && mode != fbs::ConvMode::CONVOLUTION)
    invalid(concat("the unknown convolution mode ", static_cast<std::uint32_t>(mode)));
  return mode == fbs::ConvMode::CONVOLUTION;
}

inline Activation activation_of(fbs::NonlineMode mode) {
  switch (mode) {
    case fbs::NonlineMode::IDENTITY: return {};
    case fbs::NonlineMode::RELU: return {ActivationKind::relu};
    case fbs::NonlineMode::SIGMOID: return {ActivationKind::sigmoid};
    case fbs::NonlineMode::H_SWISH: return {ActivationKind::h_swish};
  }
  invalid(concat("the unknown activation ", static_cast<std::uint32_t>(mode)));
}

// The type of a product of x and w where the file states none: s_x*s_w for quantised operands.
OutputSpec product_spec(const TensorType& x, const TensorType& w);

}  // namespace octet::mge
