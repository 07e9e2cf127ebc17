// Builds the sub-graphs of a session's plans, or takes them from a cache, and says so.
#pragma once

#include <octet/options.hpp>

#include "kernels/subgraph_engine.hpp"

namespace octet {

struct SubgraphBuilderOptions {
  std::string cache;  // a file, see EngineCache; empty: none
  std::function<void(const SubgraphBuild&)> on_build;
};

std::unique_ptr<SubgraphBuilder> make_subgraph_builder(std::unique_ptr<SubgraphEngine> engine,
                                                       SubgraphBuilderOptions options);

}  // namespace octet
