// The shortest way from an exact sum to a byte behind a ReLU: one operation for each value and
// three quarters of one for packing.
//
// The bits of a small positive integer, read as a float, are that many least subnormals. One fused
// operation takes them to another integer, 256 times the step:
//   bits = sat(fma(bits(sum + add), a, b))     b is a whole number of least subnormals
//   step = bits / 256, cut off                 at most 127: the pack saturates to 16 bits
// The bits of a negative integer are no number or a negative one; both become zero, which is the
// ReLU. `add` costs nothing, since a product of matrices begins from it.
//
// The begin of the steps is set finely all the same: a larger `add` goes with a smaller `b`, and
// the one moves it by whole sums, the other by whole parts of 256 of a step.
#pragma once

#include <optional>
#include <vector>

#include "ops/epilogue.hpp"

namespace octet::cuda {

struct ChannelBits {
  std::int32_t add;
  float a;
  std::int32_t b;
};

// An integer below 2^23 as so many least subnormals.
float least_subnormals(std::int32_t number);
// The device's operations on the host.
int bit_step(const ChannelBits& bits, std::int32_t acc);

// For each channel, where that gives the canonical operations' byte for every sum that has less
// than 2^29; nothing where a channel has no such way, or where bytes do not begin at 0 and end at
// 127.
std::optional<std::vector<ChannelBits>> prove_bits(const Epilogue& epilogue);

}  // namespace octet::cuda
