// A plan that runs as one step of another one.
#pragma once

#include "runtime/plan.hpp"

namespace octet {

// Its values lie in the step's workspace, its inputs and outputs are the step's own, and its steps
// go to the step's context, so their order on a stream and a recording of them come by themselves.
// The first backend of the plan must be the one of the outer step. Every output of the plan must be
// produced by a step, each by another one; see give_outputs_steps().
std::unique_ptr<Executable> make_nested_plan(std::shared_ptr<const Plan> plan);

// Puts an identity before each output that is an input, a constant or another output as well.
void give_outputs_steps(Graph& graph);

}  // namespace octet
