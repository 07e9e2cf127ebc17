#include <array>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/gather/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {
namespace {

struct Row {
  const char* name;
  Layout layout;
  int tile_n;
};
constexpr std::array<Row, 6> kRows{{{"nchw4", kNCHW4, 128},
                                    {"nchw4", kNCHW4, 64},
                                    {"nchw32", kNCHW32, 128},
                                    {"nchw32", kNCHW32, 64},
                                    {"chwn4", kCHWN4, 128},
                                    {"chwn4", kCHWN4, 64}}};

GatherConvLaunch launch_for(Loader loader, int tile_n) {
  return loader == Loader::chunk ? gather_conv<Loader::chunk>(tile_n)
                                 : gather_conv<Loader::word>(tile_n);
}

template <std::size_t kRow>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (!(problem.inputs[0].layout == kRows[kRow].layout))
    return Verdict::refuse("the input is in " + to_string(problem.inputs[0].layout));
  return check_gather_conv(problem);
}

template <std::size_t kRow>
double estimate_row(const Problem& problem) {
  return estimate_gather_conv(problem, kRows[kRow].tile_n, device().multiprocessors);
}

template <std::size_t kRow>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const Loader loader = gather_loader(problem.inputs[0]);
  const int tile_n = kRows[kRow].tile_n;
  ImplicitGemmParams params = implicit_gemm_params(problem, loader);
  const Filter filter = read_filter(problem);
  const std::vector<KEntry> entries = gather_table(problem, loader);
  params.k_tiles = static_cast<int>(entries.size()) * bytes_per_piece(loader) / kGatherK;
  // Words of other than 16 channels at once are found one by one.
  const bool whole = loader != Loader::chunk && problem.inputs[0].shape[1] % 16 == 0;
  params.word_step = whole ? static_cast<int>(params.x.c) : 0;
  const DeviceArray table(entries);
  const DeviceArray weights(
      pack_gather_filter(filter, problem.inputs[0], tile_n, params.oc_memory));
  const DeviceEpilogue epilogue(conv_epilogue(problem, filter.sums()));
  params.table = table.as<KEntry>();
  params.epilogue = epilogue.params();
  return make_launch(
      [params, weights, table, epilogue, launch = launch_for(loader, tile_n),
       multiprocessors = device().multiprocessors](const RunArgs& args, cudaStream_t stream) {
        launch(params, args.inputs[0], weights.as<std::int8_t>(),
               args.inputs.size() > 3 ? args.inputs[3] : nullptr, args.outputs[0], multiprocessors,
               stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <std::size_t... kRow>
std::vector<Kernel> make_rows(std::index_sequence<kRow...>) {
  const auto name = [](const Row& row) {
    return std::string("conv_s8s8_") + row.name + "_wgmma_gather_sm90a_" +
           std::to_string(kGatherM) + "x" + std::to_string(row.tile_n) + "x" +
           std::to_string(kGatherK);
  };
  return {Kernel{name(kRows[kRow]), check_row<kRow>, prepare_row<kRow>, estimate_row<kRow>}...};
}

}  // namespace

std::span<const Kernel> conv2d_gather_rows() {
  static const auto rows = make_rows(std::make_index_sequence<kRows.size()>{});
  return rows;
}

}  // namespace octet::cuda
