// Two's complement arithmetic that wraps instead of being undefined.
#pragma once

#include <cstdint>

namespace octet {

inline std::int32_t wrapping_add(std::int32_t a, std::int32_t b) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

}  // namespace octet
