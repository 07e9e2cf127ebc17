#include "runtime/subgraph_builder.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/stopwatch.hpp"
#include "ir/graph_hash.hpp"
#include "ops/subgraph.hpp"
#include "runtime/engine_cache.hpp"

namespace octet {
namespace {

bool is_packed(const TensorType& type) { return !(type.layout == kNCHW); }

class CachingBuilder final : public SubgraphBuilder {
 public:
  CachingBuilder(std::unique_ptr<SubgraphEngine> engine, SubgraphBuilderOptions options)
      : engine_(std::move(engine)),
        options_(std::move(options)),
        kernel_(subgraph_kernel(concat("subgraph_", engine_->name()))) {
    if (!options_.cache.empty()) cache_ = std::make_unique<EngineCache>(options_.cache);
  }

  const Kernel& kernel() const noexcept override { return kernel_; }

  Verdict check(const Problem& problem) const override {
    const auto* op = problem.as<Subgraph>();
    if (op == nullptr || op->engine() != engine_->name())
      return Verdict::refuse(concat("the sub-graph is not for the engine ", engine_->name()));
    if (std::any_of(problem.inputs.begin(), problem.inputs.end(), is_packed) ||
        std::any_of(problem.outputs.begin(), problem.outputs.end(), is_packed))
      return Verdict::refuse("an engine takes and gives values in the default layout");
    return Verdict::accept();
  }

  std::unique_ptr<Executable> prepare(const Problem& problem,
                                      const Demands& demands) const override {
    const auto& op = *problem.as<Subgraph>();
    const Graph graph = op.inner_for(problem.inputs);
    SubgraphBuild event;
    event.name = op.name();
    event.engine = engine_->name();
    event.operators = graph.order().size();
    report(event);
    const Stopwatch watch;
    auto executable = load_or_build(graph, demands, event);
    event.done = true;
    event.milliseconds = watch.milliseconds();
    report(event);
    return executable;
  }

 private:
  void report(const SubgraphBuild& event) const {
    if (options_.on_build) options_.on_build(event);
  }

  // The content of the graph says its shapes.
  std::string key_of(const Graph& graph, const Demands& demands) const {
    return concat("engine=", engine_->name(), " identity=", engine_->identity(),
                  " content=", to_hex(content_hash(graph)),
                  " numerics=", static_cast<int>(demands.numerics), " threads=", demands.threads,
                  " workspace=", demands.workspace_limit);
  }

  std::unique_ptr<Executable> load_or_build(const Graph& graph, const Demands& demands,
                                            SubgraphBuild& event) const {
    if (!cache_) return engine_->build(graph, demands).executable;
    const std::string key = key_of(graph, demands);
    if (const auto blob = cache_->find(key)) {
      try {
        auto executable = engine_->load(graph, demands, *blob);
        event.from_cache = true;
        return executable;
      } catch (const Error& error) {
        log(LogLevel::warning, options_.cache, ": the engine of ", event.name,
            " cannot be used and is built anew: ", error.what());
      }
    }
    SubgraphEngine::Built built = engine_->build(graph, demands);
    if (!built.blob.empty()) keep(key, std::move(built.blob));
    return std::move(built.executable);
  }

  // That nothing could be kept is no reason not to run.
  void keep(const std::string& key, std::vector<std::byte> blob) const {
    try {
      cache_->put(key, std::move(blob));
    } catch (const Error& error) {
      log(LogLevel::warning, "an engine was not kept: ", error.what());
    }
  }

  std::unique_ptr<SubgraphEngine> engine_;
  SubgraphBuilderOptions options_;
  Kernel kernel_;
  std::unique_ptr<EngineCache> cache_;
};

}  // namespace

std::unique_ptr<SubgraphBuilder> make_subgraph_builder(std::unique_ptr<SubgraphEngine> engine,
                                                       SubgraphBuilderOptions options) {
  return std::make_unique<CachingBuilder>(std::move(engine), std::move(options));
}

}  // namespace octet
