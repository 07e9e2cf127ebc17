// The sub-graph engine that is ourselves: a plan inside the plan.
#pragma once

#include "kernels/subgraph_engine.hpp"
#include "passes/pass.hpp"
#include "runtime/plan.hpp"

namespace octet {

// Plans sub-graphs with these options and passes; the chooser must outlive the engine. What is kept
// of an engine is which kernel runs each step, so that nothing is measured again; `settings` says
// by which rules they were chosen.
std::unique_ptr<SubgraphEngine> make_native_engine(PlanOptions options, Pipeline pipeline,
                                                   std::string settings);

}  // namespace octet
