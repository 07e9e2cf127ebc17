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
HaloLaunch halo_form(int shape, ChannelRuns runs);

HaloLaunch halo_launch(const WgmmaForm& form, int shape, ChannelRuns runs) {
  return for_form<HaloLaunch>(form, [=]<WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>(
                                        BuiltForm<Rule, Z, Unsigned, Plain>) {
    return halo_form<Rule, Z, Unsigned, Plain>(shape, runs);
  });
}

namespace {

template <int kShape, ChannelRuns kRuns>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_halo_conv(problem, kHaloShapes[kShape], kRuns); !verdict)
    return verdict;
  if (halo_launch(*wgmma_form(problem), kShape, kRuns) == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return Verdict::accept();
}

template <int kShape>
double estimate_row(const Problem& problem) {
  return estimate_halo_conv(problem, kHaloShapes[kShape], device().multiprocessors);
}

// A map and the channels of a box.
struct BoxedMap {
  MapShape shape;
  std::uint32_t channels;
};

BoxedMap boxed(const Shape& shape, ChannelRuns runs, int channels) {
  const auto extent = [&](std::size_t axis) { return static_cast<std::uint64_t>(shape[axis]); };
  if (runs == ChannelRuns::all)
    return {{extent(0), extent(2), extent(3), extent(1)}, static_cast<std::uint32_t>(channels)};
  return {{extent(0) * extent(1) / 32, extent(2), extent(3), 32}, 32};
}

HaloMaps encode(const HaloParams& p, const BoxedMap& x, const BoxedMap& y, const RunArgs& args) {
  const auto rows = static_cast<std::uint32_t>(p.tile.rows);
  const auto columns = static_cast<std::uint32_t>(p.tile.columns);
  HaloMaps maps{};
  maps.x = encode_tiled(args.inputs[0], x.shape, rows + 2, columns + 2, x.channels);
  maps.y = encode_tiled(args.outputs[0], y.shape, rows, columns, y.channels);
  if (args.inputs.size() > 3 && args.inputs[3] != nullptr)
    maps.z = encode_tiled(args.inputs[3], y.shape, rows, columns, y.channels);
  return maps;
}

template <int kShape, ChannelRuns kRuns>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  HaloParams params = halo_params(problem, epilogue, kHalo, kRuns, form.z);
  const DeviceArray weights(pack_halo_filter(filter, kHalo.channels));
  const DeviceArray scales(halo_scales(epilogue));
  const DeviceArray biases(halo_biases(epilogue, form.rule));
  params.conv.filter = weights.as<std::int8_t>();
  params.conv.m = scales.as<float>();
  params.conv.bias = biases.as<std::int32_t>();
  const BoxedMap x = boxed(problem.inputs[0].shape, kRuns, kHalo.channels);
  const BoxedMap y = boxed(problem.outputs[0].shape, kRuns, 64);
  return make_launch(
      [=, launch = halo_launch(form, kShape, kRuns), multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(encode(params, x, y, args), params, multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <int kShape, ChannelRuns kRuns>
Kernel make_row() {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  const std::string layout = kRuns == ChannelRuns::all ? "nhwc" : "nchw32";
  return {"conv_x8s8_" + layout + "_wgmma_halo_3x3s1_sm90a_64x" + std::to_string(kHalo.positions) +
              "x" + std::to_string(kHalo.channels),
          check_row<kShape, kRuns>, prepare_row<kShape, kRuns>, estimate_row<kShape>};
}

template <int... kShape>
std::vector<Kernel> make_rows(std::integer_sequence<int, kShape...>) {
  return {make_row<kShape, ChannelRuns::all>()...,
          make_row<kShape, ChannelRuns::planes_of_32>()...};
}

}  // namespace

std::span<const Kernel> conv2d_halo_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_integer_sequence<int, std::size(kHaloShapes)>{});
  return rows;
}

}  // namespace octet::cuda
