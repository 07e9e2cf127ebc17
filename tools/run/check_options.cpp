#include <octet/status.hpp>

#include "base/format.hpp"
#include "run/run_options.hpp"

namespace octet::tools {
namespace {

void require_at_least(int lowest, int value, const char* option) {
  if (value < lowest)
    throw Error(StatusCode::invalid_argument,
                concat(option, " must be at least ", lowest, ", not ", value));
}

}  // namespace

void check(const RunOptions& options) {
  check(static_cast<const InputFlags&>(options));
  require_at_least(1, options.iter, "--iter");
  require_at_least(0, options.warmup_iter, "--warmup-iter");
  require_at_least(1, options.thread, "--thread");
  if (options.top) require_at_least(1, *options.top, "--top");
  if (options.thread > 1 && options.core_ids)
    throw Error(StatusCode::invalid_argument,
                "--thread and --multi-thread-core-ids exclude each other");
}

}  // namespace octet::tools
