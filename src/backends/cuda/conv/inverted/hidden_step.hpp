// A shorter way from the sums of a hidden layer to its bytes.
//
// The canonical step rounds four times (docs/numerics.md). Behind a ReLU its bytes are 0 to 127 and
// grow with the sum, so what it does to a channel are the 127 sums at which the byte grows by one.
// One fused operation has the same steps for almost every layer of small sums:
//   byte = trunc(128 * sat(fma(sum, a, b)))      a: one for the layer, b: of the channel
// with constants near the obvious ones. They are tried at every step of every channel; where none
// pass, the kernels perform the canonical operations.
#pragma once

#include <optional>
#include <vector>

#include "ops/epilogue.hpp"

namespace octet::cuda {

struct ProvedHiddenStep {
  float a;
  std::vector<float> b;  // by channel
};

// For an epilogue with a ReLU, one m, and bytes without zero point; `reach`: by channel, what no sum
// exceeds in magnitude.
std::optional<ProvedHiddenStep> prove_hidden_step(const Epilogue& epilogue,
                                                  const std::vector<std::int32_t>& reach);

}  // namespace octet::cuda
