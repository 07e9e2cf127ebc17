#include "cli/console.hpp"

#include <unistd.h>

#include <cstdarg>
#include <cstdio>

namespace octet::tools {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

}  // namespace

Console::Console(bool progress, std::FILE* lines)
    : lines_(lines), shows_progress_(progress && isatty(STDERR_FILENO) == 1) {}

Console::~Console() { clear_progress(); }

void Console::line(const char* format, ...) {
  const std::lock_guard lock(mutex_);
  clear_progress();
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(lines_, format, arguments);
  va_end(arguments);
  std::fputc('\n', lines_);
  std::fflush(lines_);
}

void Console::remark(const std::string& text) {
  const std::lock_guard lock(mutex_);
  clear_progress();
  std::fputs(text.c_str(), stderr);
}

void Console::progress(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!shows_progress_ || now - last_progress_ < kProgressInterval) return;
  last_progress_ = now;
  has_progress_ = true;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

void Console::clear_progress() {
  if (!has_progress_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  has_progress_ = false;
}

}  // namespace octet::tools
