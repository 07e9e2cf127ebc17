#include "api/subgraph_options.hpp"

#include "base/format.hpp"
#include "passes/pipelines.hpp"
#include "runtime/subgraph_builder.hpp"
#include "runtime/subgraph_engines.hpp"

namespace octet {

std::unique_ptr<SubgraphBuilder> add_subgraphs(const SessionOptions& options,
                                               EngineOptions& engine) {
  const std::string& name = options.subgraph_engine;
  if (name.empty()) return nullptr;
  const SubgraphCapability supports =
      subgraph_capability(options.subgraph_rules.empty() ? name : options.subgraph_rules);
  auto builder = make_subgraph_builder(
      make_subgraph_engine(name, engine.plan, engine.pipeline,
                           concat("fast_run=", options.fast_run, " full_run=", options.full_run)),
      {options.subgraph_cache, options.on_subgraph});
  // The parts are cut out of the graph as the file has it; each side then fuses on its own.
  Pipeline pipeline = options.optimise ? cleaning_pipeline() : Pipeline{};
  pipeline.push_back(outline_parts_pass({name, supports, options.subgraph_min_nodes}));
  pipeline.insert(pipeline.end(), engine.pipeline.begin(), engine.pipeline.end());
  engine.pipeline = std::move(pipeline);
  engine.plan.demands.subgraphs = builder.get();
  return builder;
}

}  // namespace octet
