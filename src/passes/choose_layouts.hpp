// Layouts by measured times instead of one for all.
#pragma once

#include <memory>

#include "kernels/cost_source.hpp"
#include "passes/layout_policy.hpp"
#include "passes/pass.hpp"

namespace octet {

// Gives each operator the layout with which the whole graph takes the least time, out of those that
// any of the policies names for it (layout_choices.hpp says which these are). To be run last: what
// the pipeline's own layout passes made is where the search begins, and is kept where nothing is
// faster; sub-graphs that stand for several operators stay as they are. An answer that `memory`
// knows is taken without a search, and without times that may be measured there is none. Both are
// shared with others who choose.
Pass choose_layouts_pass(std::vector<LayoutPolicy> policies, std::shared_ptr<CostSource> costs,
                         std::shared_ptr<LayoutMemory> memory);

}  // namespace octet
