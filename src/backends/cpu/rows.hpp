// The kernels of this folder, in the order in which they should be tried.
#pragma once

#include <vector>

#include "kernels/kernel.hpp"

namespace octet::cpu {

std::vector<Kernel> conv_depthwise_rows();
std::vector<Kernel> conv_dot_rows();

}  // namespace octet::cpu
