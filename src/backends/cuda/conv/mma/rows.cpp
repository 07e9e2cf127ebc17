#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/mma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {
namespace {

ImplicitGemmVariants variants(Loader loader, bool is_unsigned) {
  switch (loader) {
    case Loader::chunk:
      return is_unsigned ? compiled_tiles<Loader::chunk, true>()
                         : compiled_tiles<Loader::chunk, false>();
    case Loader::word:
      return is_unsigned ? compiled_tiles<Loader::word, true>()
                         : compiled_tiles<Loader::word, false>();
    default:
      return is_unsigned ? compiled_tiles<Loader::images, true>()
                         : compiled_tiles<Loader::images, false>();
  }
}

const ImplicitGemmVariant& variant_for(const Problem& problem, std::size_t tile) {
  const TensorType& x = problem.inputs[0];
  return variants(*loader_for(x), x.dtype == DType::u8).rows[tile];
}

template <std::size_t kLayout, std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!(problem.inputs[0].layout == kRowLayouts[kLayout].layout))
    return Verdict::refuse("the input is in " + to_string(problem.inputs[0].layout));
  if (const Verdict verdict = check_implicit_gemm(problem); !verdict) return verdict;
  const ImplicitGemmVariant& variant = variant_for(problem, kTile);
  if (static_cast<std::size_t>(variant.shared_bytes) > device().shared_memory_per_block)
    return Verdict::refuse("a block of it needs more shared memory than the GPU has");
  return check_gemm_tile(problem, variant.tile, device().multiprocessors);
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_implicit_gemm(problem, variant_for(problem, kTile).tile,
                                device().multiprocessors);
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const Loader loader = *loader_for(problem.inputs[0]);
  const ImplicitGemmVariant& variant = variant_for(problem, kTile);
  ImplicitGemmParams params = implicit_gemm_params(problem, loader);
  const Filter filter = read_filter(problem);
  const DeviceArray weights(pack_filter(filter, problem.inputs[0], variant.tile, params.oc_memory));
  const DeviceArray table(k_table(problem, loader));
  const DeviceEpilogue epilogue(conv_epilogue(problem, filter.sums()));
  params.table = table.as<KEntry>();
  params.epilogue = epilogue.params();
  return make_launch(
      [params, weights, table, epilogue, launch = variant.launch](const RunArgs& args,
                                                                  cudaStream_t stream) {
        launch(params,
               {args.inputs[0], weights.as<std::int8_t>(),
                args.inputs.size() > 3 ? args.inputs[3] : nullptr, args.outputs[0], args.workspace},
               stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      gemm_parts_bytes(params, variant.tile), {true, false, false, true});
}

template <std::size_t... kRow>
std::vector<Kernel> make_rows(std::index_sequence<kRow...>) {
  const ImplicitGemmVariants tiles = variants(Loader::chunk, false);
  const auto name = [&](std::size_t row) {
    const GemmTile& tile = tiles.rows[row % kGemmTiles].tile;
    return std::string("conv_x8s8_") + kRowLayouts[row / kGemmTiles].name + "_imma_sm75_" +
           std::to_string(tile.m) + "x" + std::to_string(tile.n) + "x" + std::to_string(kGemmK) +
           (tile.split > 1 ? "_split" + std::to_string(tile.split) : "");
  };
  return {Kernel{name(kRow), check_row<kRow / kGemmTiles, kRow % kGemmTiles>,
                 prepare_row<kRow % kGemmTiles>, estimate_row<kRow % kGemmTiles>}...};
}

}  // namespace

std::span<const Kernel> conv2d_mma_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_index_sequence<kRowLayouts.size() * kGemmTiles>{});
  return rows;
}

}  // namespace octet::cuda
