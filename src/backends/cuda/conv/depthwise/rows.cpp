#include <array>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/depthwise/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {
namespace {

constexpr std::size_t kTiles = sizeof(kDepthwiseTiles) / sizeof(kDepthwiseTiles[0]);

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  return check_depthwise(problem, kDepthwiseTiles[kTile]);
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_depthwise(problem, kDepthwiseTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  static constexpr DepthwiseTile kShape = kDepthwiseTiles[kTile];
  DepthwiseParams params = depthwise_params(problem);
  const Filter filter = read_filter(problem);
  const DeviceArray weights(pack_depthwise_filter(filter, kShape, params.quads));
  const DeviceEpilogue epilogue(conv_epilogue(problem, filter.sums()));
  params.filter = weights.as<uint4>();
  params.epilogue = epilogue.params();
  return make_launch(
      [params, weights, epilogue](const RunArgs& args, cudaStream_t stream) {
        launch_depthwise_conv(kShape, params, args.inputs[0],
                              args.inputs.size() > 3 ? args.inputs[3] : nullptr, args.outputs[0],
                              stream);
        // `weights` lives as long as this function: params point into it.
        static_cast<void>(weights), static_cast<void>(epilogue);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <std::size_t... kTile>
std::vector<Kernel> make_rows(std::index_sequence<kTile...>) {
  const auto name = [](const DepthwiseTile& t) {
    return "conv_x8s8_any_depthwise_sm75_" + std::to_string(t.r) + "x" + std::to_string(t.s) + "s" +
           std::to_string(t.stride);
  };
  return {Kernel{name(kDepthwiseTiles[kTile]), check_row<kTile>, prepare_row<kTile>,
                 estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv2d_depthwise_rows() {
  static const auto rows = make_rows(std::make_index_sequence<kTiles>{});
  return rows;
}

}  // namespace octet::cuda
