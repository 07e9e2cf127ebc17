// Removes operators that give back what they take.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// Identity, conversions and casts to the type that is there, and reshapes, broadcasts, transposes,
// pads, slices, splits, concatenations and resizes that change nothing.
Pass remove_identities_pass();

}  // namespace octet
