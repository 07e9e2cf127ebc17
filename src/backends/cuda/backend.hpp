// The CUDA backend: NVIDIA GPUs from compute capability 7.5 on.
#pragma once

#include <memory>

#include "kernels/backend.hpp"

namespace octet {

// Always made, also on a machine without a GPU, where available() says so.
std::unique_ptr<Backend> make_cuda_backend();

}  // namespace octet
