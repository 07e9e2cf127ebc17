// The numbers of a convolution as kernels take them.
#pragma once

#include "backends/cuda/runtime/tensor_map.hpp"
#include "kernels/kernel.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

// How many pieces of `part` hold `amount`.
constexpr int divided_up(int amount, int part) { return (amount + part - 1) / part; }
// The next multiple of `to`.
constexpr int aligned_up(int bytes, int to) { return divided_up(bytes, to) * to; }

struct ConvGeometry {
  int n, c, h, w;  // input
  int k, oh, ow;   // output
  int r, s;        // filter
  int groups;
  int stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w;
  bool flip;  // true convolution
};

// A convolution of any kind as the Conv2d that one image, or one output position, sees: groups,
// window and how sums become outputs. A transposed one keeps its window, whose stride is then the
// output's.
Conv2d as_conv2d(const Problem& problem);

// Of a problem of any kind of convolution with concrete types.
ConvGeometry conv_geometry(const Problem& problem);

// Whether output pixels are input pixels: 1x1, no stride, no padding.
constexpr bool is_matrix(const ConvGeometry& g) {
  return g.r == 1 && g.s == 1 && g.stride_h == 1 && g.stride_w == 1 && g.oh == g.h && g.ow == g.w &&
         g.pad_top == 0 && g.pad_left == 0;
}

// As the copy engine takes it; NCHW32 (whole vectors) for NHWC of 32 channels with as many images
// as there are planes.
MapShape map_shape(const TensorType& map);

}  // namespace octet::cuda
