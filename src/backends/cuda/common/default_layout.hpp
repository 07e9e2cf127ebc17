// What kernels of operators that know one layout ask of a problem.
#pragma once

#include "kernels/kernel.hpp"

namespace octet::cuda {

// Refuses values in other layouts than the default one.
Verdict check_default_layout(const Problem& problem, const Demands& demands);

}  // namespace octet::cuda
