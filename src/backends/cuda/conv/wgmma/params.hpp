// The numbers of the Hopper convolution kernels.
#pragma once

#include <cuda.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace octet::cuda {

// Which constants the epilogue takes and how it rounds: the rows of docs/numerics.md.
//   scaled_bias: v = acc * m + fbias, half away    (mge_dense)
//   integer_bias: v = (acc + ibias) * m, half away (mge_packed, mge_ratio)
//   onnx: v = (acc + ibias) * m[k], half to even
enum class WgmmaRule : int { scaled_bias, integer_bias, onnx };
enum class WgmmaZ : int { none, once, twice };

// One quantising step: round(v * factor) (or v / factor) + zero_point, clamped. A ReLU or clip
// before the step is part of the clamp, since rounding is monotone.
struct WgmmaStep {
  float factor;
  bool divide;
  int zero_point, lowest, highest;
};

struct WgmmaConvParams {
  const std::int8_t* filter;  // packed tiles, see plan.hpp
  const float* m;             // per output channel, padded to whole tiles
  const std::int32_t* bias;   // per output channel: ibias, or fbias as its bits
  int pixels, oc;             // output pixels (N*OH*OW) and channels
  int n_tiles, c_blocks;      // tiles of output channels, blocks of input channels
  int r, s, oh, ow;
  int stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w;
  WgmmaStep step;  // to y
  WgmmaStep mid;   // with z rounded twice: before the addition
  float mid_scale, z_scale;
  int mid_zero_point, z_zero_point;
  bool z_unsigned;
  // With WgmmaForm::plain: all ones where negative results become 0, else 0.
  unsigned relu_mask;
};

struct WgmmaTile {
  int m, n, k;  // output pixels of a warpgroup, output channels, bytes of K of a stage
};

using WgmmaConvLaunch = void (*)(const CUtensorMap& x, const WgmmaConvParams& params,
                                 const std::int8_t* z, std::int8_t* y, int blocks,
                                 cudaStream_t stream);

// Which of the compiled epilogues a problem needs. `plain`: everything is s8 with zero point 0 and
// the clamp is that of s8 or of a ReLU, which takes far fewer instructions.
struct WgmmaForm {
  WgmmaRule rule;
  WgmmaZ z;
  bool x_unsigned;
  bool plain;
  friend bool operator==(const WgmmaForm&, const WgmmaForm&) = default;
};

// The compiled kernel, or nullptr where this combination is not built.
WgmmaConvLaunch wgmma_conv_launch(const WgmmaTile& tile, const WgmmaForm& form);

}  // namespace octet::cuda
