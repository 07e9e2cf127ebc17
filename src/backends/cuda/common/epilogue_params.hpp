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
  bool multiply = true;  // v * factor; else v / factor
  enum Rounding : int { kAway, kEven, kAwayExactly };
  int rounding = kAway;
  float lowest = -128.0f, highest = 127.0f, zero_point = 0.0f;
};

struct EpilogueParams {
  enum ZMode : int { kNone, kOnce, kTwice };
  const std::int32_t* ibias = nullptr;  // per output channel, zeros where there is none
  const float* m = nullptr;             // per output channel
  const float* fbias = nullptr;         // per output channel, or nullptr: nothing is added
  ActivationParams activation;
  QuantiserParams quantiser;
  bool float_output = false;
  int z_mode = kNone;
  float z_scale = 1.0f;
  int z_zero_point = 0;
  ActivationParams mid_activation;
  QuantiserParams mid;
  float mid_scale = 1.0f;
};

}  // namespace octet::cuda
