// From the public options about sub-graphs to what the engine does about them.
#pragma once

#include <octet/options.hpp>

#include "kernels/subgraph_engine.hpp"
#include "runtime/engine.hpp"

namespace octet {

// Lets the engine partition graphs and run the parts by the sub-graph engine that the options name;
// does nothing and returns nullptr where they name none. What is returned must outlive the engine.
std::unique_ptr<SubgraphBuilder> add_subgraphs(const SessionOptions& options,
                                               EngineOptions& engine);

}  // namespace octet
