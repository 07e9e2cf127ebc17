// The constants of the canonical epilogue as kernels take them: plain data, arrays in device
// memory.
#pragma once

#include <cstdint>

namespace octet::cuda {

struct ActivationParams {
  enum Kind : int { kNone, kRelu, kClip, kHSwish, kSigmoid, kSilu, kLeakyRelu, kTanh };
  int kind = kNone;
  float alpha = 0.0f, beta = 0.0f;
};

struct QuantiserParams {
  float factor = 1.0f;
  bool multiply = true;     // v * factor; else v / factor
  float reciprocal = 0.0f;  // for exact_quotient()
  enum Rounding : int { kAway, kEven, kAwayExactly };
  int rounding = kAway;
  float lowest = -128.0f, highest = 127.0f, zero_point = 0.0f;
};

// The arrays have one entry per output channel and zeros behind, to a multiple of kPaddedChannels,
// so that a kernel may read whole vectors of a tile that is only partly used.
inline constexpr int kPaddedChannels = 256;

struct EpilogueParams {
  enum ZMode : int { kNone, kOnce, kTwice };
  const std::int32_t* ibias = nullptr;
  const float* m = nullptr;
  const float* fbias = nullptr;  // -0.0f where there is no bias, which changes nothing
  ActivationParams activation;
  QuantiserParams quantiser;
  bool float_output = false;
  int z_mode = kNone;
  float z_scale = 1.0f;
  int z_zero_point = 0;
  ActivationParams mid_activation;
  QuantiserParams mid;
  float mid_scale = 1.0f;
  // Everything is s8 with zero point 0, half away from zero by a factor, and the activation none or
  // a ReLU: what finish4_plain() computes in far fewer instructions.
  bool plain = false;
  unsigned relu_mask = 0;  // with `plain`: all ones where negative results become 0, else 0
};

}  // namespace octet::cuda
