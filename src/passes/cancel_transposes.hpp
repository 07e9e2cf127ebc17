// Removes the ways there and back that elements take through transposes and reshapes.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// Chains of transposes and reshapes become the fewest nodes that do the same, or none. A chain
// behind elementwise operators is taken over to their operands where it cancels what stands there
// (the round trips between plain and packed layouts in MegEngine's dumps), so that the operators
// stand next to the convolutions they follow.
Pass cancel_transposes_pass();

}  // namespace octet
