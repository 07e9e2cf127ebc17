// The ordered kernel lists of the CUDA backend. A family's rows are declared here, and a list is
// the order in which families are asked.
#pragma once

#include <span>
#include <string_view>

#include "kernels/kernel.hpp"

namespace octet::cuda {

// Never empty: every list ends with the round trip over the host.
std::span<const Kernel> kernel_list(std::string_view op_kind);

// One function per family; each gives its rows, best first.
std::span<const Kernel> conv2d_halo_rows();
std::span<const Kernel> conv2d_wgmma_rows();
std::span<const Kernel> conv2d_gather_rows();
std::span<const Kernel> conv2d_mma_rows();
std::span<const Kernel> conv2d_depthwise_rows();
std::span<const Kernel> conv2d_dp4a_rows();
std::span<const Kernel> conv2d_direct_rows();
std::span<const Kernel> stem_rows();
std::span<const Kernel> batch_conv2d_rows();
std::span<const Kernel> group_local_rows();
std::span<const Kernel> relayout_rows();
std::span<const Kernel> table_rows();
std::span<const Kernel> float_rows();
std::span<const Kernel> convert_rows();
std::span<const Kernel> copy_rows();
std::span<const Kernel> move_rows();
std::span<const Kernel> pool2d_rows();
std::span<const Kernel> linear_rows();
std::span<const Kernel> matmul_rows();
std::span<const Kernel> softmax_rows();
std::span<const Kernel> round_trip_rows();

}  // namespace octet::cuda
