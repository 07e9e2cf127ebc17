#include "api/session_options.hpp"

#include "base/format.hpp"

namespace octet {
namespace {

constexpr int kMostThreads = 1024;

}  // namespace

void check_options(const SessionOptions& options) {
  if (options.threads < 1 || options.threads > kMostThreads)
    throw Error(StatusCode::invalid_argument,
                concat(options.threads, " threads were asked for; it must be 1 to ", kMostThreads),
                "threads");
  if (options.plan_cache_size < 1)
    throw Error(StatusCode::invalid_argument, "at least one plan must be kept", "plan_cache_size");
}

EngineOptions engine_options(const SessionOptions& options, const BackendEntry& backend,
                             KernelChooser& chooser) {
  EngineOptions engine;
  engine.plan.backends = backend.chain;
  engine.plan.demands = {options.numerics, options.threads, options.workspace_limit};
  engine.plan.chooser = &chooser;
  engine.plan.skip_kernels = options.skip_kernels;
  engine.plan.reuse_memory = options.reuse_memory;
  engine.fixed_shapes = options.fixed_shapes;
  engine.plan_cache_size = options.plan_cache_size;
  if (options.on_pass)
    engine.on_pass = [report = options.on_pass](const Pass& pass, const Graph& graph) {
      report(pass.name, to_text(graph));
    };
  return engine;
}

}  // namespace octet
