// A convolution in the numbers that cuDNN takes.
#pragma once

#include <array>
#include <cstdint>

namespace octet::cudnn {

// NHWC, s8 operands: y is s8 = round(relu?(sum * scale[k] + bias[k] (+ z * z_scale))).
struct ConvSpec {
  std::int64_t n, c, h, w, k, oh, ow, r, s;
  std::array<std::int64_t, 2> stride, dilation, pad_before, pad_after;
  bool relu = false, has_z = false;
};

}  // namespace octet::cudnn
