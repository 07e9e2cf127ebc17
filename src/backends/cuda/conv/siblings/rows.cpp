#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/siblings/plan.hpp"
#include "backends/cuda/conv/siblings/tiles.hpp"
#include "backends/cuda/conv/wgmma/maps.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {
namespace {

SiblingsLaunches siblings_launches(const WgmmaForm& form) {
  if (form.rule == WgmmaRule::scaled_bias && form.plain)
    return siblings_tiles<WgmmaRule::scaled_bias, false, true>();
  if (form.rule == WgmmaRule::onnx && form.x_unsigned)
    return siblings_tiles<WgmmaRule::onnx, true, false>();
  if (form.rule == WgmmaRule::onnx) return siblings_tiles<WgmmaRule::onnx, false, false>();
  return {};
}

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  const Verdict verdict = check_siblings(problem, kSiblingsTiles[kTile], device().multiprocessors);
  if (!verdict) return verdict;
  if (siblings_launches(*wgmma_form(conv_siblings(problem)->conv[0]))[kTile] == nullptr)
    return Verdict::refuse("this epilogue is not compiled for pairs");
  return Verdict::accept();
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_siblings(problem, kSiblingsTiles[kTile], device().multiprocessors);
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// What both convolutions keep on the device, one behind the other.
struct SiblingsConstants {
  DeviceArray filters, scales, biases;
};

SiblingsConstants set_constants(const ConvSiblings& two, const WgmmaTile& tile,
                                SiblingsParams& params) {
  const Filter filters[2] = {read_filter(two.conv[0]), read_filter(two.conv[1])};
  const Epilogue epilogues[2] = {conv_epilogue(two.conv[0], filters[0].sums()),
                                 conv_epilogue(two.conv[1], filters[1].sums())};
  params = siblings_params(two, epilogues, tile);
  std::vector<std::int8_t> packed;
  ChannelConstants channels;
  for (std::size_t i = 0; i < 2; ++i) {
    const WgmmaRule rule = wgmma_form(two.conv[i])->rule;
    const ChannelConstants own =
        in_tile_order(channel_constants(epilogues[i], rule, params.conv[i]), tile.n);
    append(packed, pack_wgmma_filter(filters[i], tile.n, tile.k));
    append(channels.m, own.m);
    append(channels.bias, own.bias);
  }
  SiblingsConstants constants{DeviceArray(packed), DeviceArray(channels.m),
                              DeviceArray(channels.bias)};
  const auto point = [&](WgmmaConvParams& conv, int block, int n) {
    conv.filter =
        constants.filters.as<std::int8_t>() + static_cast<std::ptrdiff_t>(block) * tile.n * tile.k;
    conv.m = constants.scales.as<float>() + n * tile.n;
    conv.bias = constants.biases.as<std::int32_t>() + n * tile.n;
  };
  for (int i = 0; i < 2; ++i) point(params.conv[i], params.first_block[i], params.first_n[i]);
  point(params.both, 0, 0);
  return constants;
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr WgmmaTile kShape = kSiblingsTiles[kTile];
  const ConvSiblings two = *conv_siblings(problem);
  SiblingsParams params;
  const SiblingsConstants constants = set_constants(two, kShape, params);
  const WgmmaMaps first(two.conv[0], params.conv[0], kShape);
  const WgmmaMaps second(two.conv[1], params.conv[1], kShape);
  const std::size_t outputs[2] = {two.output[0], two.output[1]};
  return make_launch(
      [=, launch = siblings_launches(*wgmma_form(two.conv[0]))[kTile],
       multiprocessors = device().multiprocessors](const RunArgs& args, cudaStream_t stream) {
        const SiblingsMaps maps{{first.encode(args.inputs[0], nullptr, args.outputs[outputs[0]]),
                                 second.encode(args.inputs[0], nullptr, args.outputs[outputs[1]])}};
        launch(maps, params, multiprocessors, stream);
        // `constants` live as long as this function: params points into them.
        static_cast<void>(constants);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

template <std::size_t... kTile>
std::vector<Kernel> make_rows(std::index_sequence<kTile...>) {
  const auto name = [](const WgmmaTile& t) {
    return "conv_siblings_x8s8_nhwc_wgmma_im2col_sm90a_" + wgmma_tile_name(t);
  };
  return {Kernel{name(kSiblingsTiles[kTile]), check_row<kTile>, prepare_row<kTile>,
                 estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv_siblings_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_index_sequence<kSiblingsTiles.size()>{});
  return rows;
}

}  // namespace octet::cuda
