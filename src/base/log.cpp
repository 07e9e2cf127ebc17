#include "base/log.hpp"

#include <atomic>
#include <mutex>

namespace octet {
namespace {

struct Listener {
  std::mutex mutex;
  LogCallback callback;
  std::atomic<bool> on = false;
};

Listener& listener() {
  static Listener instance;
  return instance;
}

}  // namespace

void set_log_callback(LogCallback callback) {
  const std::lock_guard lock(listener().mutex);
  listener().on = callback != nullptr;
  listener().callback = std::move(callback);
}

bool log_is_on() noexcept { return listener().on.load(std::memory_order_relaxed); }

void send_log(LogLevel level, std::string_view message) {
  const std::lock_guard lock(listener().mutex);
  if (listener().callback) listener().callback(level, message);
}

}  // namespace octet
