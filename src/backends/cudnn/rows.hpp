// cuDNN's convolutions as rows for the CUDA backend.
#pragma once

#include <span>
#include <string_view>

#include "kernels/kernel.hpp"

namespace octet::cudnn {

// Empty for every operator but conv2d. The rows of one operation differ in the rank of cuDNN's own
// ordering of its plans; which plans there are is only known when one is prepared.
std::span<const Kernel> kernels(std::string_view op_kind);

}  // namespace octet::cudnn
