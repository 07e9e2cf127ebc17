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
std::span<const Kernel> conv2d_images_rows();
std::span<const Kernel> conv2d_gather_rows();
std::span<const Kernel> conv2d_mma_rows();
std::span<const Kernel> conv2d_diagonal_rows();
std::span<const Kernel> conv2d_depthwise_rows();
std::span<const Kernel> conv2d_dp4a_rows();
std::span<const Kernel> direct_conv_rows();
std::span<const Kernel> stem_rows();
std::span<const Kernel> entry_rows();
std::span<const Kernel> inverted_rows();
std::span<const Kernel> inverted_wgmma_rows();
std::span<const Kernel> conv_siblings_rows();
std::span<const Kernel> pair_rows();
std::span<const Kernel> batch_conv2d_rows();
std::span<const Kernel> group_local_rows();
std::span<const Kernel> relayout_rows();
std::span<const Kernel> table_rows();
std::span<const Kernel> function_rows();
std::span<const Kernel> cast_rows();
std::span<const Kernel> chain_rows();
std::span<const Kernel> convert_rows();
std::span<const Kernel> copy_rows();
std::span<const Kernel> move_rows();
std::span<const Kernel> pool2d_rows();
std::span<const Kernel> linear_rows();
std::span<const Kernel> matmul_rows();
std::span<const Kernel> softmax_rows();
std::span<const Kernel> softmax_any_rows();
std::span<const Kernel> quantize_by_input_rows();
std::span<const Kernel> dynamic_quantize_rows();
std::span<const Kernel> reduce_rows();
std::span<const Kernel> arg_reduce_rows();
std::span<const Kernel> topk_rows();
std::span<const Kernel> cumsum_rows();
std::span<const Kernel> batch_norm_rows();
std::span<const Kernel> instance_norm_rows();
std::span<const Kernel> layer_norm_rows();
std::span<const Kernel> lrn_rows();
std::span<const Kernel> resize_rows();
std::span<const Kernel> warp_rows();
std::span<const Kernel> add_to_part_rows();
std::span<const Kernel> gather_rows();
std::span<const Kernel> scatter_rows();
std::span<const Kernel> one_hot_rows();
std::span<const Kernel> constant_rows();
std::span<const Kernel> round_trip_rows();

}  // namespace octet::cuda
