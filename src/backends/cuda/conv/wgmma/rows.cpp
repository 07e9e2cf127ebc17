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
template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned>
WgmmaConvLaunch im2col_tile(const WgmmaTile& tile);

WgmmaConvLaunch wgmma_conv_launch(const WgmmaTile& tile, WgmmaRule rule, WgmmaZ z,
                                  bool x_unsigned) {
  using Maker = WgmmaConvLaunch (*)(const WgmmaTile&);
  struct Entry {
    WgmmaRule rule;
    WgmmaZ z;
    bool x_unsigned;
    Maker make;
  };
  constexpr auto kScaled = WgmmaRule::scaled_bias, kInteger = WgmmaRule::integer_bias,
                 kOnnx = WgmmaRule::onnx;
  static constexpr Entry kBuilt[] = {
      {kScaled, WgmmaZ::none, false, im2col_tile<kScaled, WgmmaZ::none, false>},
      {kScaled, WgmmaZ::once, false, im2col_tile<kScaled, WgmmaZ::once, false>},
      {kScaled, WgmmaZ::twice, false, im2col_tile<kScaled, WgmmaZ::twice, false>},
      {kInteger, WgmmaZ::none, false, im2col_tile<kInteger, WgmmaZ::none, false>},
      {kInteger, WgmmaZ::once, false, im2col_tile<kInteger, WgmmaZ::once, false>},
      {kOnnx, WgmmaZ::none, false, im2col_tile<kOnnx, WgmmaZ::none, false>},
      {kOnnx, WgmmaZ::twice, false, im2col_tile<kOnnx, WgmmaZ::twice, false>},
      {kOnnx, WgmmaZ::none, true, im2col_tile<kOnnx, WgmmaZ::none, true>},
      {kOnnx, WgmmaZ::twice, true, im2col_tile<kOnnx, WgmmaZ::twice, true>},
  };
  for (const Entry& entry : kBuilt)
    if (entry.rule == rule && entry.z == z && entry.x_unsigned == x_unsigned)
      return entry.make(tile);
  return nullptr;
}

namespace {

constexpr std::array<WgmmaTile, 4> kTiles{
    {{128, 128, 128}, {128, 64, 128}, {128, 128, 64}, {128, 64, 64}}};

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_im2col_conv(problem); !verdict) return verdict;
  const WgmmaForm form = *wgmma_form(problem);
  if (wgmma_conv_launch(kTiles[kTile], form.rule, form.z, form.x_unsigned) == nullptr)
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
      [=, launch = wgmma_conv_launch(tile, form.rule, form.z, form.x_unsigned),
       multiprocessors = device().multiprocessors](const RunArgs& args, cudaStream_t stream) {
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
