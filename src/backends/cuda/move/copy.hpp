// Operators that change what a value is called, not its bytes.
#pragma once

#include <cstddef>
#include <memory>

#include "kernels/kernel.hpp"

namespace octet::cuda {

// Copies inputs[0] to outputs[0], or does nothing where the planner gave both the same memory.
// Other inputs (a shape, say) are not read.
std::unique_ptr<Executable> make_copy(std::size_t bytes);

}  // namespace octet::cuda
