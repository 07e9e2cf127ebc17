#include "backends/cuda/kernel_lists.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace octet::cuda {
namespace {

using Rows = std::span<const Kernel> (*)();

struct Entry {
  std::string_view kind;
  std::vector<Rows> families;  // in the order in which they are asked
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> table{
      {"conv2d",
       {conv2d_halo_rows, conv2d_wgmma_rows, conv2d_images_rows, conv2d_gather_rows,
        conv2d_mma_rows, conv2d_diagonal_rows, conv2d_depthwise_rows, conv2d_dp4a_rows,
        direct_conv_rows}},
      {"batch_conv2d", {batch_conv2d_rows, direct_conv_rows}},
      {"group_local", {group_local_rows, direct_conv_rows}},
      {"local_share", {direct_conv_rows}},
      {"conv_transpose2d", {direct_conv_rows}},
      {"subgraph",
       {stem_rows, entry_rows, inverted_wgmma_rows, inverted_rows, pair_rows, conv_siblings_rows,
        table_rows, chain_rows}},
      {"relayout", {relayout_rows}},
      {"convert", {table_rows, convert_rows}},
      {"cast", {cast_rows}},
      {"quantize_by_input", {quantize_by_input_rows}},
      {"dynamic_quantize", {dynamic_quantize_rows}},
      {"elementwise", {table_rows, function_rows}},
      {"pool2d", {pool2d_rows}},
      {"adaptive_pool2d", {pool2d_rows}},
      {"matmul", {linear_rows, matmul_rows}},
      {"softmax", {softmax_rows, softmax_any_rows}},
      {"reduce", {reduce_rows}},
      {"arg_reduce", {arg_reduce_rows}},
      {"topk", {topk_rows}},
      {"cumsum", {cumsum_rows}},
      {"batch_norm", {batch_norm_rows}},
      {"instance_norm", {instance_norm_rows}},
      {"layer_norm", {layer_norm_rows}},
      {"lrn", {lrn_rows}},
      {"resize", {resize_rows}},
      {"warp_perspective", {warp_rows}},
      {"set_quant", {copy_rows}},
      {"identity", {copy_rows}},
      {"reshape", {copy_rows}},
      {"squeeze", {copy_rows}},
      {"unsqueeze", {copy_rows}},
      {"flatten", {copy_rows}},
      {"expand", {move_rows}},
      {"transpose", {move_rows}},
      {"concat", {move_rows}},
      {"split", {move_rows}},
      {"slice", {move_rows}},
      {"subtensor", {move_rows}},
      {"set_subtensor", {move_rows, add_to_part_rows}},
      {"gather", {move_rows, gather_rows}},
      {"gather_elements", {move_rows, gather_rows}},
      {"gather_nd", {move_rows, gather_rows}},
      {"vector_index", {gather_rows}},
      {"scatter_elements", {scatter_rows}},
      {"scatter_nd", {scatter_rows}},
      {"one_hot", {one_hot_rows}},
      {"pad", {move_rows}},
      {"tile", {move_rows}},
      {"shape_of", {constant_rows}},
      {"constant_of_shape", {constant_rows}},
      {"range", {constant_rows}},
  };
  return table;
}

std::vector<Kernel> make_list(std::string_view kind) {
  std::vector<Kernel> list;
  for (const Entry& entry : entries())
    if (entry.kind == kind)
      for (const Rows rows : entry.families) list.insert(list.end(), rows().begin(), rows().end());
  list.insert(list.end(), round_trip_rows().begin(), round_trip_rows().end());
  return list;
}

}  // namespace

std::span<const Kernel> kernel_list(std::string_view op_kind) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<Kernel>, std::less<>> lists;
  const std::lock_guard lock(mutex);
  auto found = lists.find(op_kind);
  if (found == lists.end()) found = lists.emplace(std::string(op_kind), make_list(op_kind)).first;
  return found->second;
}

}  // namespace octet::cuda
