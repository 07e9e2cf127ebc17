// Joins a dequantisation and the quantisation behind it.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// Where a value is dequantised to f32 and quantised again, both become one conversion, or nothing
// when the type is the same; but only if all the values that the stored type can hold give the same
// bits either way, which is tried out. Types of more than eight bits stay as they are.
Pass merge_requantise_pass();

}  // namespace octet
