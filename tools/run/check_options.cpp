#include <octet/status.hpp>

#include "base/format.hpp"
#include "cli/files.hpp"
#include "run/run_options.hpp"

namespace octet::tools {
namespace {

void require_at_least(int lowest, int value, const char* option) {
  if (value < lowest)
    throw Error(StatusCode::invalid_argument,
                concat(option, " must be at least ", lowest, ", not ", value));
}

void require_writable_reports(const RunOptions& options) {
  for (const std::string& path :
       {options.json, options.profile, options.profile_host, options.io_dump})
    if (!path.empty()) require_writable(path);
}

}  // namespace

void check(const RunOptions& options) {
  check(static_cast<const InputFlags&>(options));
  require_at_least(1, options.iter, "--iter");
  require_at_least(0, options.warmup_iter, "--warmup-iter");
  require_at_least(1, options.thread, "--thread");
  constexpr int kMostThreads = 1024;
  if (options.thread > kMostThreads)
    throw Error(StatusCode::invalid_argument,
                concat("--thread must be at most ", kMostThreads, ", not ", options.thread));
  if (options.range && !(*options.range >= 0.0))
    throw Error(StatusCode::invalid_argument,
                concat("--range must be a number from 0 on, not ", *options.range));
  if (options.top) require_at_least(1, *options.top, "--top");
  if (options.thread > 1 && options.core_ids)
    throw Error(StatusCode::invalid_argument,
                "--thread and --multi-thread-core-ids exclude each other");
  require_writable_reports(options);
}

}  // namespace octet::tools
