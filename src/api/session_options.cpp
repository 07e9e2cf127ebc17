#include "api/session_options.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "ops/subgraph.hpp"
#include "passes/choose_layouts.hpp"
#include "passes/cpu_layouts.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/fuse_elementwise.hpp"
#include "passes/fuse_entry.hpp"
#include "passes/fuse_inverted.hpp"
#include "passes/fuse_pairs.hpp"
#include "passes/fuse_siblings.hpp"
#include "passes/fuse_stem.hpp"
#include "passes/pipelines.hpp"
#include "tuning/file_store.hpp"
#include "tuning/layout_costs.hpp"
#include "tuning/region_times.hpp"

namespace octet {
namespace {

constexpr int kMostThreads = 1024;

// The passes for a layout on a backend; "auto" is whatever its kernels like best, where they are
// not measured.
struct PipelineRow {
  std::string_view backend, layout;
  Pipeline (*make)();
};
constexpr PipelineRow kPipelines[] = {
    {"cpu", "auto", cpu_pipeline},
    {"cpu", "nhwc", cpu_pipeline},
    {"cpu", "nchw", canonical_pipeline},
    {"onednn", "auto", cpu_pipeline},
    {"onednn", "nhwc", cpu_pipeline},
    {"onednn", "nchw", canonical_pipeline},
    {"reference", "auto", canonical_pipeline},
    {"reference", "nchw", canonical_pipeline},
    // The reference holds a value in any layout, so layouts can be tried without a GPU.
    {"reference", "nchw4", nchw4_pipeline},
    {"reference", "nchw32", nchw32_pipeline},
    {"reference", "chwn4", chwn4_pipeline},
    {"cuda", "auto", cuda_pipeline},
    {"cuda", "nhwc", cuda_pipeline},
    {"cuda", "nchw", canonical_pipeline},
    {"cuda", "nchw4", nchw4_pipeline},
    {"cuda", "nchw32", nchw32_pipeline},
    {"cuda", "chwn4", chwn4_pipeline},
};

Pipeline pipeline_for(const SessionOptions& options, std::string_view backend) {
  if (!options.optimise) return {};
  if (!options.optimise_for.empty()) backend = options.optimise_for;
  std::vector<std::string_view> layouts;
  for (const PipelineRow& row : kPipelines) {
    if (row.backend != backend) continue;
    if (row.layout == options.layout) return row.make();
    layouts.push_back(row.layout);
  }
  throw Error(StatusCode::unsupported,
              concat("the ", backend, " backend has no passes for the layout ", options.layout),
              "layout", concat("it has ", join(layouts)));
}

// Regions that a kernel of the backend runs as a whole.
void add_regions(Pipeline& pipeline, const SessionOptions& options, const Backend& backend,
                 const Demands& demands) {
  if (!options.optimise || !options.optimise_for.empty()) return;
  // Not the kernels that are there so that everything runs.
  const auto kernels = backend.kernels(Subgraph::kKind);
  if (std::all_of(kernels.begin(), kernels.end(), [](const Kernel& k) { return k.naive; })) return;
  const auto runs = [&backend, demands, skipped = options.skip_kernels](const Problem& problem) {
    const Backend* const backends[] = {&backend};
    const auto candidates = candidates_for(problem, demands, backends, skipped);
    return std::any_of(candidates.begin(), candidates.end(), [](const Candidate& candidate) {
      return candidate.verdict.ok() && !candidate.kernel->naive;
    });
  };
  pipeline.push_back(fuse_stem_pass(runs));
  pipeline.push_back(fuse_elementwise_pass(runs));
}

// What "auto" chooses among when times decide; nothing where a backend has one layout alone.
std::vector<LayoutPolicy> policies_of(std::string_view backend) {
  if (backend == "cuda") return cuda_layout_policies();
  if (backend == "cpu" || backend == "onednn") return {cpu_layout_policy()};
  return {};
}

}  // namespace

void check_options(const SessionOptions& options) {
  if (options.threads < 1 || options.threads > kMostThreads)
    throw Error(StatusCode::invalid_argument,
                concat(options.threads, " threads were asked for; it must be 1 to ", kMostThreads),
                "threads");
  if (options.tuning_batch < 0)
    throw Error(StatusCode::invalid_argument,
                concat("operators cannot be measured at batch ", options.tuning_batch),
                "tuning_batch");
  if (!(options.tuning_seconds >= 0.0))
    throw Error(StatusCode::invalid_argument, "the time for measuring must not be negative",
                "tuning_seconds");
  if (options.plan_cache_size < 1)
    throw Error(StatusCode::invalid_argument, "at least one plan must be kept", "plan_cache_size");
}

std::unique_ptr<FastRun> make_search(const SessionOptions& options) {
  const bool measures = options.fast_run || options.full_run;
  if (!measures && options.tuning_cache.empty()) return nullptr;
  FastRunOptions search;
  search.measures = measures;
  search.full = options.full_run;
  search.shared_batch = options.tuning_batch;
  search.seconds = options.tuning_seconds;
  search.on_progress = options.on_search;
  if (!options.tuning_cache.empty()) search.store = open_tuning_store(options.tuning_cache);
  return std::make_unique<FastRun>(std::move(search));
}

void add_layout_choice(const SessionOptions& options, FastRun& search, EngineOptions& engine) {
  if (!options.optimise || !options.optimise_for.empty() || options.layout != "auto") return;
  std::vector<LayoutPolicy> policies = policies_of(engine.plan.backends.front()->name());
  if (policies.empty()) return;
  const auto costs = std::make_shared<LayoutCosts>(
      search, LayoutSetting{engine.plan.backends, engine.plan.demands, engine.plan.skip_kernels});
  engine.pipeline.push_back(choose_layouts_pass(std::move(policies), costs, costs));
}

void add_faster_regions(const SessionOptions& options, FastRun* search, EngineOptions& engine) {
  if (!options.optimise || !options.optimise_for.empty()) return;
  // Only what states its time can be compared.
  const auto kernels = engine.plan.backends.front()->kernels(Subgraph::kKind);
  if (std::all_of(kernels.begin(), kernels.end(), [](const Kernel& k) { return !k.estimate; }))
    return;
  const LayoutSetting setting{engine.plan.backends, engine.plan.demands, engine.plan.skip_kernels};
  const RegionTest test = [=](const Problem& region, std::span<const Problem> parts) {
    return is_faster(region, parts, setting, search);
  };
  engine.pipeline.push_back(fuse_inverted_pass(test));
  engine.pipeline.push_back(fuse_entry_pass(test));
  engine.pipeline.push_back(fuse_pairs_pass(test));
  engine.pipeline.push_back(fuse_siblings_pass(test));
}

EngineOptions engine_options(const SessionOptions& options, const BackendEntry& backend,
                             KernelChooser& chooser) {
  EngineOptions engine;
  engine.plan.backends = backend.chain;
  engine.plan.demands = {options.numerics, options.threads, options.workspace_limit};
  engine.plan.chooser = &chooser;
  engine.plan.skip_kernels = options.skip_kernels;
  engine.plan.reuse_memory = options.reuse_memory;
  engine.pipeline = pipeline_for(options, backend.backend->name());
  add_regions(engine.pipeline, options, *backend.backend, engine.plan.demands);
  engine.fixed_shapes = options.fixed_shapes;
  engine.plan_cache_size = options.plan_cache_size;
  if (options.on_pass)
    engine.on_pass = [report = options.on_pass](const Pass& pass, const Graph& graph) {
      report(pass.name, to_text(graph));
    };
  return engine;
}

}  // namespace octet
