// Runs an operator on values in any layout, through copies in the default one.
#pragma once

#include "kernels/kernel.hpp"

namespace octet::reference {

// Accepts what compute_kernel() refuses. The copies lie in the workspace.
Kernel layout_kernel();

}  // namespace octet::reference
