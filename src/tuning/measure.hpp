// How long one kernel takes for one problem.
#pragma once

#include "kernels/backend.hpp"

namespace octet {

// Milliseconds of a run: the median of several recordings of launches, on operands of random bytes
// of which half are zero (as after a ReLU) and floats in [-1, 1). Throws Error where the kernel
// fails.
double measure_kernel(const Backend& backend, const Kernel& kernel, const Problem& problem,
                      const Demands& demands);

}  // namespace octet
