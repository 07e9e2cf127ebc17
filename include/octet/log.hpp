// What the library has to say while it works. It never prints: it calls whoever listens.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace octet {

enum class LogLevel : std::uint8_t { debug, info, warning };

using LogCallback = std::function<void(LogLevel level, std::string_view message)>;

// Replaces the listener of the whole process; an empty one turns messages off, which is how a
// program starts. The callback may be called from any thread, one call at a time, and must neither
// throw nor call set_log_callback. Thread safe.
void set_log_callback(LogCallback callback);

}  // namespace octet
