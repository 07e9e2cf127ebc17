// Whether one kernel for several nodes is faster than a kernel for each.
#pragma once

#include <span>

#include "tuning/layout_costs.hpp"

namespace octet {

// By measurement where `search` measures or knows all of the times, else by the rows' estimates; a
// problem that no row estimates takes for ever. `search` may be nullptr.
bool is_faster(const Problem& region, std::span<const Problem> parts, const LayoutSetting& setting,
               FastRun* search);

}  // namespace octet
