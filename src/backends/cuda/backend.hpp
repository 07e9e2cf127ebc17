// The CUDA backend: NVIDIA GPUs from compute capability 7.5 on.
#pragma once

#include <memory>

#include "kernels/backend.hpp"

namespace octet {

// Rows for an operator kind from elsewhere: a library that works on a CUDA stream.
using KernelSource = std::span<const Kernel> (*)(std::string_view op_kind);

// Always made, also on a machine without a GPU, where available() says so. Rows of `libraries` come
// after the backend's own, before those that are there only so that everything runs.
std::unique_ptr<Backend> make_cuda_backend(std::vector<KernelSource> libraries = {});

}  // namespace octet
