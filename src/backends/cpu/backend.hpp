// Our own vector kernels for the CPU. Where none of them accepts, another host backend has to.
#pragma once

#include <memory>

#include "kernels/backend.hpp"

namespace octet {

std::unique_ptr<Backend> make_cpu_backend();

}  // namespace octet
