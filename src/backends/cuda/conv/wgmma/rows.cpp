#include <array>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

// Defined by the im2col_*.cu files, one instance each.
template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
WgmmaConvLaunch im2col_tile(const WgmmaTile& tile);

namespace {

struct BuiltForm {
  WgmmaForm form;
  WgmmaConvLaunch (*make)(const WgmmaTile& tile);
};

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
constexpr BuiltForm built() {
  return {{Rule, Z, Unsigned, Plain}, im2col_tile<Rule, Z, Unsigned, Plain>};
}

// Every epilogue that is compiled: a row here and a .cu file of one line.
constexpr BuiltForm kBuilt[] = {
    built<WgmmaRule::scaled_bias, WgmmaZ::none, false, true>(),
    built<WgmmaRule::scaled_bias, WgmmaZ::once, false, true>(),
    built<WgmmaRule::scaled_bias, WgmmaZ::twice, false, true>(),
    built<WgmmaRule::scaled_bias, WgmmaZ::none, false, false>(),
    built<WgmmaRule::scaled_bias, WgmmaZ::twice, false, false>(),
    built<WgmmaRule::integer_bias, WgmmaZ::none, false, true>(),
    built<WgmmaRule::integer_bias, WgmmaZ::once, false, true>(),
    built<WgmmaRule::integer_bias, WgmmaZ::none, false, false>(),
    built<WgmmaRule::onnx, WgmmaZ::none, false, false>(),
    built<WgmmaRule::onnx, WgmmaZ::twice, false, false>(),
    built<WgmmaRule::onnx, WgmmaZ::none, true, false>(),
    built<WgmmaRule::onnx, WgmmaZ::twice, true, false>(),
};

}  // namespace

WgmmaConvLaunch wgmma_conv_launch(const WgmmaTile& tile, const WgmmaForm& form) {
  for (const BuiltForm& entry : kBuilt)
    if (entry.form == form) return entry.make(tile);
  return nullptr;
}

namespace {

constexpr std::array<WgmmaTile, 4> kTiles{
    {{128, 128, 128}, {128, 64, 128}, {128, 128, 64}, {128, 64, 64}}};

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_im2col_conv(problem); !verdict) return verdict;
  if (wgmma_conv_launch(kTiles[kTile], *wgmma_form(problem)) == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return Verdict::accept();
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_im2col_conv(problem, kTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const WgmmaTile& tile = kTiles[kTile];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  WgmmaConvParams params = wgmma_params(problem, epilogue, tile);
  const int padded_oc = params.n_tiles * tile.n;
  const DeviceArray weights(pack_wgmma_filter(filter, tile.n, tile.k));
  const DeviceArray scales(padded_scales(epilogue, padded_oc));
  const DeviceArray biases(padded_biases(epilogue, form.rule, padded_oc));
  params.filter = weights.as<std::int8_t>();
  params.m = scales.as<float>();
  params.bias = biases.as<std::int32_t>();

  const ConvGeometry g = conv_geometry(problem);
  const MapShape shape{static_cast<std::uint64_t>(g.n), static_cast<std::uint64_t>(g.h),
                       static_cast<std::uint64_t>(g.w), static_cast<std::uint64_t>(g.c)};
  const std::array<int, 4> pad{g.pad_top, g.pad_left,
                               static_cast<int>(problem.as<Conv2d>()->window.pad[2]),
                               static_cast<int>(problem.as<Conv2d>()->window.pad[3])};
  return make_launch(
      [=, launch = wgmma_conv_launch(tile, form), multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        const CUtensorMap map = encode_im2col(
            args.inputs[0], shape, {-pad[0], -pad[1]},
            {pad[2] - (g.r - 1) * g.dilation_h, pad[3] - (g.s - 1) * g.dilation_w},
            {static_cast<std::uint32_t>(g.stride_h), static_cast<std::uint32_t>(g.stride_w)},
            static_cast<std::uint32_t>(tile.k), static_cast<std::uint32_t>(tile.m));
        launch(
            map, params,
            reinterpret_cast<const std::int8_t*>(args.inputs.size() > 3 ? args.inputs[3] : nullptr),
            reinterpret_cast<std::int8_t*>(args.outputs[0]), multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <std::size_t... kTile>
std::vector<Kernel> make_rows(std::index_sequence<kTile...>) {
  const auto name = [](const WgmmaTile& t) {
    return "conv_x8s8_nhwc_wgmma_im2col_sm90a_" + std::to_string(t.m) + "x" + std::to_string(t.n) +
           "x" + std::to_string(t.k);
  };
  return {
      Kernel{name(kTiles[kTile]), check_row<kTile>, prepare_row<kTile>, estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv2d_wgmma_rows() {
  static const std::vector<Kernel> rows = make_rows(std::make_index_sequence<kTiles.size()>{});
  return rows;
}

}  // namespace octet::cuda
