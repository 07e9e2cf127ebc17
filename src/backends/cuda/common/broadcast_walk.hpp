// How an operand that is broadcast is walked.
#pragma once

#include <octet/tensor.hpp>

#include "backends/cuda/common/walk.hpp"

namespace octet::cuda {

// Over the axes of the output, in the default layout; steps are 0 where the operand repeats.
Walk broadcast_walk(const Shape& operand, const Shape& output);

}  // namespace octet::cuda
