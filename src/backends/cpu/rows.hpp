// The kernels of this folder, in the order in which they should be tried.
#pragma once

#include <vector>

#include "kernels/kernel.hpp"

namespace octet::cpu {

std::vector<Kernel> conv_depthwise_rows();
std::vector<Kernel> conv_dot_rows();
std::vector<Kernel> convert_rows();
std::vector<Kernel> elementwise_rows();
std::vector<Kernel> matmul_dot_rows();
std::vector<Kernel> move_rows(std::string_view kind);  // of Concat, Split, Slice or Gather
std::vector<Kernel> pool_rows(std::string_view kind);  // of Pool2d or AdaptivePool2d
std::vector<Kernel> relayout_rows();

}  // namespace octet::cpu
