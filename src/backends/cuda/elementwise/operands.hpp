// Where broadcast operands lie.
#pragma once

#include "backends/cuda/elementwise/table.hpp"
#include "kernels/kernel.hpp"

namespace octet::cuda {

// Why the operands cannot be walked together: layouts other than one shared by all of one shape.
Verdict check_layouts(const Problem& problem);
// The same for at most four operands.
Verdict check_operands(const Problem& problem);
// Of up to four operands, broadcast to the output. Needs check_operands() to have accepted.
BroadcastParams broadcast_params(const Problem& problem);

// True for a type of one byte per element that tables can index.
bool is_byte_type(const TensorType& type);

}  // namespace octet::cuda
