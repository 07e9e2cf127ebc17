// The engines that sub-graphs can be given to, by name.
#pragma once

#include "kernels/subgraph_engine.hpp"
#include "passes/partition.hpp"
#include "runtime/plan.hpp"

namespace octet {

// Which nodes the engine takes; it need not be there for that. Throws Error(invalid_argument) for a
// name that no build knows.
SubgraphCapability subgraph_capability(std::string_view engine);

// `plan`, `passes` and `settings` are for the native engine; see runtime/native_engine.hpp. Throws
// Error(unavailable) where the engine was not built or cannot run here.
std::unique_ptr<SubgraphEngine> make_subgraph_engine(std::string_view engine, PlanOptions plan,
                                                     Pipeline passes, std::string settings);

// TensorRT's version and its device. Throws Error(unavailable) where it cannot run here.
std::string describe_tensorrt();

}  // namespace octet
