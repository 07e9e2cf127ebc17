#include <array>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/halo/plan.hpp"
#include "backends/cuda/conv/wgmma/forms.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

// Defined by the halo_*.cu files, one instance each.
template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
HaloLaunch halo_form(int shape);

HaloLaunch halo_launch(const WgmmaForm& form, int shape) {
  return for_form<HaloLaunch>(form, [shape]<WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>(
                                        BuiltForm<Rule, Z, Unsigned, Plain>) {
    return halo_form<Rule, Z, Unsigned, Plain>(shape);
  });
}

namespace {

template <int kShape>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_halo_conv(problem, kHaloShapes[kShape]); !verdict)
    return verdict;
  if (halo_launch(*wgmma_form(problem), kShape) == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return Verdict::accept();
}

template <int kShape>
double estimate_row(const Problem& problem) {
  return estimate_halo_conv(problem, kHaloShapes[kShape], device().multiprocessors);
}

HaloMaps encode(const HaloParams& p, const MapShape& x, const MapShape& y, std::uint32_t channels,
                const RunArgs& args) {
  const auto rows = static_cast<std::uint32_t>(p.tile.rows);
  const auto columns = static_cast<std::uint32_t>(p.tile.columns);
  HaloMaps maps{};
  maps.x = encode_tiled(args.inputs[0], x, rows + 2, columns + 2, channels);
  maps.y = encode_tiled(args.outputs[0], y, rows, columns, 64);
  if (args.inputs.size() > 3 && args.inputs[3] != nullptr)
    maps.z = encode_tiled(args.inputs[3], y, rows, columns, 64);
  return maps;
}

MapShape map_shape(const Shape& shape) {
  const auto extent = [&](std::size_t axis) { return static_cast<std::uint64_t>(shape[axis]); };
  return {extent(0), extent(2), extent(3), extent(1)};
}

template <int kShape>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  HaloParams params = halo_params(problem, epilogue, kHalo, form.z);
  const DeviceArray weights(pack_halo_filter(filter, kHalo.channels));
  const DeviceArray scales(halo_scales(epilogue));
  const DeviceArray biases(halo_biases(epilogue, form.rule));
  params.conv.filter = weights.as<std::int8_t>();
  params.conv.m = scales.as<float>();
  params.conv.bias = biases.as<std::int32_t>();
  const MapShape x = map_shape(problem.inputs[0].shape), y = map_shape(problem.outputs[0].shape);
  return make_launch(
      [=, launch = halo_launch(form, kShape), multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(encode(params, x, y, kHalo.channels, args), params, multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <int... kShape>
std::vector<Kernel> make_rows(std::integer_sequence<int, kShape...>) {
  const auto name = [](const HaloShape& shape) {
    return "conv_x8s8_nhwc_wgmma_halo_3x3s1_sm90a_64x" + std::to_string(shape.positions) + "x" +
           std::to_string(shape.channels);
  };
  return {Kernel{name(kHaloShapes[kShape]), check_row<kShape>, prepare_row<kShape>,
                 estimate_row<kShape>}...};
}

}  // namespace

std::span<const Kernel> conv2d_halo_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_integer_sequence<int, std::size(kHaloShapes)>{});
  return rows;
}

}  // namespace octet::cuda
