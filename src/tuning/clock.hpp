// The clock of searches.
#pragma once

#include <chrono>

namespace octet {

inline double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace octet
