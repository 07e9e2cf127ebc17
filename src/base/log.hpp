// Sends a message to the listener of <octet/log.hpp>.
#pragma once

#include <octet/log.hpp>

#include "base/format.hpp"

namespace octet {

bool log_is_on() noexcept;
void send_log(LogLevel level, std::string_view message);

// The pieces are put together only if somebody listens.
template <typename... Parts>
void log(LogLevel level, const Parts&... parts) {
  if (log_is_on()) send_log(level, concat(parts...));
}

}  // namespace octet
