// The two streams of a run: result lines on stdout, a progress line on stderr. Where a report takes
// stdout (--json -), the result lines go to stderr, so that the report can be piped on.
#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

namespace octet::tools {

// Thread safe: lines of several threads do not mix.
class Console {
 public:
  // The progress line shows only if `progress` and stderr is a terminal. `lines`: stdout or stderr.
  Console(bool progress, std::FILE* lines);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // One result line, in printf's form and flushed, since others read these lines as they come.
  [[gnu::format(printf, 2, 3)]] void line(const char* format, ...);
  // Text on stderr.
  void remark(const std::string& text);
  // Replaces the progress line; calls that come too fast are dropped.
  void progress(const std::string& text);

 private:
  void clear_progress();

  std::mutex mutex_;
  std::FILE* lines_;
  bool shows_progress_;
  bool has_progress_ = false;
  std::chrono::steady_clock::time_point last_progress_{};
};

}  // namespace octet::tools
