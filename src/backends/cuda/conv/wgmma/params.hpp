// The numbers of the Hopper convolution kernels.
#pragma once

#include <cuda.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace octet::cuda {

// Dynamic shared memory of a block on Hopper, at most. Launches allow kernels all of it: a limit of
// the problem's own could be lowered by another thread between its setting and its use.
inline constexpr int kMostSharedMemory = 227 * 1024;

// The constants of residual.hpp.
struct ResidualStep {
  float a, b, c;
  float span, base;  // highest - lowest of y; 1.5 * 2^23 + lowest
};

// Whether m and bias hold lines of line.hpp, and which.
enum class LineUse : int { none, from_lowest, from_zero };

// What lines lead to.
struct LineEnd {
  LineUse use;
  bool but_one;  // each is right but for one sum: WgmmaConvParams::exceptions
  // From the lowest. How many steps mid and y have above their lowest, in the least subnormal; what
  // turns y's distances from the lowest value into bytes.
  float mid, y;
  unsigned flip;
  // From zero, with z: mid is rounded by adding `rounding`; then unit * mid + start are all of its
  // steps, from 0 to 1.
  float rounding, unit, start;
  // From the lowest: of mid's distance from it, and 2^-22 of its sum. From zero: of mid from 0
  // to 1.
  ResidualStep residual;
};

// Which constants the epilogue takes and how it rounds: the rows of docs/numerics.md.
//   scaled_bias: v = acc * m + fbias, half away    (mge_dense)
//   integer_bias: v = (acc + ibias) * m, half away (mge_packed, mge_ratio)
//   onnx: v = (acc + ibias) * m[k], half to even
enum class WgmmaRule : int { scaled_bias, integer_bias, onnx };
enum class WgmmaZ : int { none, once, twice };

// How the copy engine finds a pixel's channels: all next to each other (NHWC), in planes of 32
// (NCHW32), or by words of 4 with the images next to each other (CHWN4).
enum class ChannelRuns : int { all, planes_of_32, words_of_images };

// One quantising step: round(v * factor) (or v / factor) + zero_point, clamped. A ReLU or clip
// before the step is part of the clamp, since rounding is monotone.
struct WgmmaStep {
  float factor;
  bool divide;
  float reciprocal;  // for exact_quotient()
  int zero_point;
  float low, high;  // the clamp without the zero point
};

// Tiles of channels and of pixels.
struct TileStep {
  int n, m;
};

struct WgmmaConvParams {
  const std::int8_t* filter;  // packed tiles, see plan.hpp
  const float* m;             // per output channel: see ChannelConstants
  const std::int32_t* bias;
  const int2* exceptions;  // by channel: a sum, and what is added to it before its line is used
  int oc;
  int pixels;             // of the output: N * OH * OW
  int n_tiles, c_blocks;  // tiles of output channels, blocks of input channels
  // From a tile of a block to its next one, and to the next one of the same team: set_steps().
  TileStep block_step, team_step;
  int k_tiles;               // stages of a tile: taps * c_blocks
  int stages, shared_bytes;  // of the ring; of the whole block
  // What the other teams take between two tiles of a team: so often the whole ring, and so much
  // more.
  int others_rounds, others_stages;
  bool resident;  // the whole filter stays in shared memory
  bool matrix;    // output pixels are input pixels: 1x1, no stride, no padding
  int r, s, oh, ow;
  int stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w;
  WgmmaStep step;  // to y
  WgmmaStep mid;   // with z rounded twice: before the addition
  float mid_scale, z_scale;
  int mid_zero_point, z_zero_point;
  bool z_unsigned;
  bool proved;      // `residual` may be used: see residual.hpp
  unsigned z_flip;  // turns z's bytes into distances from the lowest value
  ResidualStep residual;
  LineEnd lines;
  // With WgmmaForm::plain or lines from zero: all ones where negative results become 0, else 0.
  unsigned relu_mask;
};

// A tile of m output pixels x n output channels, k bytes of K a stage. A team of `groups`
// warpgroups shares it; `teams` tiles are in work at once. With a `split` it belongs to a cluster
// of so many blocks instead, and they to it alone: see split.cuh.
struct WgmmaTile {
  int m, n, k, groups, teams, split = 0;
};

// Slots of m / groups pixels x n channels that a consumer warpgroup has for z and y. With z the
// next tile's is fetched while one is in work.
constexpr int wgmma_slots(WgmmaZ z) { return z == WgmmaZ::none ? 1 : 2; }

// Descriptors of the operands: x as boxes of m pixels x k channels, y and z as boxes of m / groups
// pixels x n channels.
struct WgmmaConvMaps {
  CUtensorMap x, y, z;
  const std::int8_t* z_bytes;  // what y and z describe, for those that take no boxes
  std::int8_t* y_bytes;
};

// For a ring of so many stages; k_tiles is known. Without a stage there is no kernel to tell.
constexpr void set_ring(WgmmaConvParams& p, int stages, int teams) {
  p.stages = stages;
  if (stages < 1) return;
  p.others_rounds = (teams - 1) * p.k_tiles / stages;
  p.others_stages = (teams - 1) * p.k_tiles % stages;
}

// For so many blocks.
constexpr void set_steps(WgmmaConvParams& p, int blocks, int teams) {
  p.block_step = {blocks % p.n_tiles, blocks / p.n_tiles};
  p.team_step = {teams * blocks % p.n_tiles, teams * blocks / p.n_tiles};
}

using WgmmaConvLaunch = void (*)(const WgmmaConvMaps& maps, const WgmmaConvParams& params,
                                 int multiprocessors, cudaStream_t stream);

// Which of the compiled epilogues a problem needs. `plain`: everything is s8 with zero point 0 and
// the clamp is that of s8 or of a ReLU, which takes far fewer instructions.
struct WgmmaForm {
  WgmmaRule rule;
  WgmmaZ z;
  bool x_unsigned;
  bool plain;
  friend bool operator==(const WgmmaForm&, const WgmmaForm&) = default;
};

}  // namespace octet::cuda
