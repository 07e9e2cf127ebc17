#include <array>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/wgmma/forms.hpp"
#include "backends/cuda/conv/wgmma/maps.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

WgmmaTileLaunches wgmma_launches(const WgmmaForm& form) {
  return for_form<WgmmaTileLaunches>(form, []<WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>(
                                               BuiltForm<Rule, Z, Unsigned, Plain>) {
    return gemm_tiles<Rule, Z, Unsigned, Plain>();
  });
}

namespace {

const std::byte* residual_of(const RunArgs& args) {
  return args.inputs.size() > 3 ? args.inputs[3] : nullptr;
}

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_im2col_conv(problem); !verdict) return verdict;
  if (wgmma_launches(*wgmma_form(problem))[kTile] == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return check_wgmma_tile(problem, kWgmmaTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_im2col_conv(problem, kWgmmaTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const WgmmaTile& tile = kWgmmaTiles[kTile];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  WgmmaConvParams params = wgmma_params(problem, epilogue, tile);
  const DeviceArray weights(pack_wgmma_filter(filter, tile.n, tile.k));
  const ChannelConstants constants =
      in_tile_order(channel_constants(epilogue, form.rule, params), tile.n);
  const DeviceArray scales(constants.m);
  const DeviceArray biases(constants.bias);
  params.filter = weights.as<std::int8_t>();
  params.m = scales.as<float>();
  params.bias = biases.as<std::int32_t>();
  const WgmmaMaps maps(problem, params, tile);
  return make_launch(
      [=, launch = wgmma_launches(form)[kTile], multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(maps.encode(args.inputs[0], residual_of(args), args.outputs[0]), params,
               multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <std::size_t... kTile>
std::vector<Kernel> make_rows(std::index_sequence<kTile...>) {
  const auto name = [](const WgmmaTile& t) {
    return "conv_x8s8_nhwc_wgmma_im2col_sm90a_" + wgmma_tile_name(t);
  };
  return {Kernel{name(kWgmmaTiles[kTile]), check_row<kTile>, prepare_row<kTile>,
                 estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv2d_wgmma_rows() {
  static const std::vector<Kernel> rows = make_rows(std::make_index_sequence<kWgmmaTiles.size()>{});
  return rows;
}

}  // namespace octet::cuda
