// How elements are ordered where some are selected.
#pragma once

#include "base/device.hpp"

namespace octet {

// Whether a stands before b among the best: NaN counts as the largest.
template <typename T>
OCTET_DEVICE bool comes_before(T a, T b, bool largest) noexcept {
  if (a != a || b != b) return largest ? a != a && b == b : a == a && b != b;
  return largest ? a > b : a < b;
}

}  // namespace octet
