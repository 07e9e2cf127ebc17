// oneDNN on the CPU: exact integer sums with our own epilogue, float convolutions and products.
//
// Debian's oneDNN runs on OpenMP. Each run sets the number of OpenMP threads for its own calling
// thread, so sessions with different numbers do not disturb one another; the threads themselves
// belong to the OpenMP library, one team per calling thread.
#pragma once

#include <memory>

#include "kernels/backend.hpp"

namespace octet {

std::unique_ptr<Backend> make_onednn_backend();

}  // namespace octet
