// A shorter way from an exact sum to the same step of 8 bits.
//
// Scaling, bias and rounding of a channel make a staircase of its sums. One fused operation climbs
// it too:
//   v = fma(float(acc), a, b)          and then, by the kind of line,
//   from_lowest: step = clamp(v, 0, 1) * steps, to the nearest integer
//   from_zero:   step = v to the nearest integer, counted from the lowest, clamp(0, steps)
// It need not round as the canonical operations do, only begin each of the at most 255 steps at the
// same sum. As both staircases are monotone, they agree on all sums if they do on the first of
// every step and on the one before. `a` and `b` are searched for near the obvious ones; they are
// tried on those sums that lie so near the begin of a step that roundings could matter, and a bound
// on both ways' roundings settles the others.
//
// From the lowest the clamp costs nothing; of steps of both signs b, about half of all, and v are
// coarse, though. From zero they are as fine as the canonical operations' own: more channels have
// such a line.
//
// Where no line does, one may that is right but for one sum, which then is taken for its neighbour.
#pragma once

#include <optional>
#include <vector>

#include "ops/epilogue.hpp"

namespace octet::cuda {

// 1.5 * 2^23, whose neighbours differ by 1: added to it, a step from zero is rounded.
inline constexpr float kSignedUnit = 12582912.0f;

enum class LineKind { from_lowest, from_zero };

struct ChannelLine {
  float a, b;
  std::int32_t but = 0, more = 0;  // the sum `but` is taken for but + more
};

// The lines of all channels of an epilogue: to `mid` where z is rounded twice, else to y.
struct Lines {
  LineKind kind;
  int lowest, steps;  // the lowest stored integer, and how many there are above it
  int zero;           // the zero point's step
  std::vector<ChannelLine> channels;

  // The device's operations on the host: how many steps above the lowest a sum comes out.
  int step(const ChannelLine& line, std::int32_t acc) const;
};

// Nothing where a channel has no such line, or where sums do not become 8-bit steps by themselves:
// with z before the first rounding, or an activation that is no clamp. `exceptions`: lines may be
// wrong about one sum.
std::optional<Lines> prove_lines(const Epilogue& epilogue, LineKind kind, bool exceptions = false);

}  // namespace octet::cuda
