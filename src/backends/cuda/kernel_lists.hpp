// The ordered kernel lists of the CUDA backend. A family's rows are declared here, and a list is
// the order in which families are asked.
#pragma once

#include <span>
#include <string_view>

#include "kernels/kernel.hpp"

namespace octet::cuda {

std::span<const Kernel> kernel_list(std::string_view op_kind);

// One function per family; each gives its rows, best first.
std::span<const Kernel> conv2d_wgmma_rows();
std::span<const Kernel> conv2d_mma_rows();
std::span<const Kernel> conv2d_direct_rows();
std::span<const Kernel> relayout_rows();

}  // namespace octet::cuda
