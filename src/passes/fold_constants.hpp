// Computes what depends on constants alone, once, when the graph is prepared.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// Each node whose inputs are all known becomes constants: those that inference computed already
// (shapes and the like), and others of any size by the operator's own computation. A result that
// would take far more memory than its operands (a broadcast constant, say) stays a computation.
Pass fold_constants_pass();

}  // namespace octet
