#include <iterator>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/images/forms.hpp"
#include "backends/cuda/conv/images/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

ImagesLaunch images_launch(const WgmmaForm& form, int tile) {
  return for_form<ImagesLaunch>(
      form,
      [=]<WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>(
          BuiltForm<Rule, Z, Unsigned, Plain>) { return images_form<Rule, Z, Plain>(tile); },
      ImagesForms{});
}

namespace {

template <int kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_images_conv(problem, kImagesTiles[kTile]); !verdict)
    return verdict;
  if (images_launch(*wgmma_form(problem), kTile) == nullptr)
    return Verdict::refuse("this epilogue is not compiled for images in rows");
  return Verdict::accept();
}

template <int kTile>
double estimate_row(const Problem& problem) {
  return estimate_images_conv(problem, kImagesTiles[kTile], device().multiprocessors);
}

ImagesMaps encode(const ImagesParams& p, const ImagesTile& tile, const MapShape& x,
                  const MapShape& y, const RunArgs& args) {
  const auto words = static_cast<std::uint32_t>(tile.n / 4);
  ImagesMaps maps{};
  maps.x = encode_image_words(args.inputs[0], x, kSpanImages, kImagesDepth / 4,
                              static_cast<std::uint32_t>(p.loaded_columns));
  maps.y = encode_image_words(args.outputs[0], y, kSpanImages, words, 1);
  if (args.inputs.size() > 3 && args.inputs[3] != nullptr)
    maps.z = encode_image_words(args.inputs[3], y, kSpanImages, words, 1);
  return maps;
}

template <int kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr ImagesTile kShape = kImagesTiles[kTile];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  ImagesParams params = images_params(problem, epilogue, kShape);
  const DeviceArray weights(pack_images_filter(filter, kShape.n));
  const ChannelConstants constants =
      in_blocks(channel_constants(epilogue, form.rule, params.conv), kShape.n);
  const DeviceArray scales(constants.m);
  const DeviceArray biases(constants.bias);
  params.conv.filter = weights.as<std::int8_t>();
  params.conv.m = scales.as<float>();
  params.conv.bias = biases.as<std::int32_t>();
  const MapShape x = map_shape(problem.inputs[0]), y = map_shape(problem.outputs[0]);
  return make_launch(
      [=, launch = images_launch(form, kTile), multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(encode(params, kShape, x, y, args), params, multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <int... kTile>
std::vector<Kernel> make_rows(std::integer_sequence<int, kTile...>) {
  const auto name = [](const ImagesTile& tile) {
    return "conv_x8s8_chwn4_wgmma_images_sm90a_" + std::to_string(tile.m) + "x" +
           std::to_string(tile.n) + "x" + std::to_string(kImagesDepth);
  };
  return {Kernel{name(kImagesTiles[kTile]), check_row<kTile>, prepare_row<kTile>,
                 estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv2d_images_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_integer_sequence<int, std::size(kImagesTiles)>{});
  return rows;
}

}  // namespace octet::cuda
