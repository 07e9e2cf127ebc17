// The numbers of a convolution as kernels take them.
#pragma once

#include "kernels/kernel.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

struct ConvGeometry {
  int n, c, h, w;  // input
  int k, oh, ow;   // output
  int r, s;        // filter
  int groups;
  int stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w;
  bool flip;  // true convolution
};

// Of a Conv2d problem with concrete types.
ConvGeometry conv_geometry(const Problem& problem);
// Of the same operands under a convolution that stands for the problem's operator, with a filter of
// shape w.
ConvGeometry conv_geometry(const Problem& problem, const Conv2d& op, const Shape& w);

}  // namespace octet::cuda
