#include <array>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
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

template <int kShape, ChannelRuns kRuns>
HaloMaps encode(const HaloParams& p, const MapShape& x, const MapShape& y, const RunArgs& args) {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  constexpr std::uint32_t kSlotSpan = halo_slot_span(kRuns);
  const auto rows = static_cast<std::uint32_t>(p.tile.rows);
  const auto columns = static_cast<std::uint32_t>(p.tile.columns);
  HaloMaps maps{};
  constexpr std::uint32_t kReach = kHalo.window.reach(), kStride = kHalo.window.stride;
  maps.x = encode_tiled(args.inputs[0], x, rows + kReach, columns + kReach, halo_span(kHalo, kRuns),
                        kStride);
  maps.y = encode_tiled(args.outputs[0], y, rows, columns, kSlotSpan);
  if (args.inputs.size() > 3 && args.inputs[3] != nullptr)
    maps.z = encode_tiled(args.inputs[3], y, rows, columns, kSlotSpan);
  return maps;
}

template <int kShape, ChannelRuns kRuns>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  HaloParams params = halo_params(problem, epilogue, kHalo, kRuns, form.z);
  const DeviceArray weights(pack_halo_filter(filter, kHalo));
  const ChannelConstants constants =
      in_blocks(channel_constants(epilogue, form.rule, params.conv, true), 64);
  const DeviceArray scales(constants.m);
  const DeviceArray biases(constants.bias);
  const DeviceArray exceptions =
      constants.exceptions.empty() ? DeviceArray() : DeviceArray(constants.exceptions);
  params.conv.filter = weights.as<std::int8_t>();
  params.conv.m = scales.as<float>();
  params.conv.bias = biases.as<std::int32_t>();
  params.conv.exceptions = exceptions.as<int2>();
  const MapShape x = map_shape(problem.inputs[0]), y = map_shape(problem.outputs[0]);
  return make_launch(
      [=, launch = halo_launch(form, kShape, kRuns), multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(encode<kShape, kRuns>(params, x, y, args), params, multiprocessors, stream);
        // The arrays live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        static_cast<void>(exceptions);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <int kShape, ChannelRuns kRuns>
Kernel make_row() {
  constexpr HaloShape kHalo = kHaloShapes[kShape];
  const std::string layout = kRuns == ChannelRuns::all ? "nhwc" : "nchw32";
  const std::string size = std::to_string(kHalo.window.size);
  return {"conv_x8s8_" + layout + "_wgmma_halo_" + size + "x" + size + "s" +
              std::to_string(kHalo.window.stride) + "_sm90a_64x" + std::to_string(kHalo.positions) +
              "x" + std::to_string(kHalo.channels),
          check_row<kShape, kRuns>, prepare_row<kShape, kRuns>, estimate_row<kShape>};
}

template <ChannelRuns kRuns, int... kShape>
void add_rows(std::vector<Kernel>& rows, std::integer_sequence<int, kShape...>) {
  (rows.push_back(make_row<kShape, kRuns>()), ...);
}

std::vector<Kernel> make_rows() {
  std::vector<Kernel> rows;
  add_rows<ChannelRuns::all>(rows, std::make_integer_sequence<int, std::size(kHaloShapes)>{});
  add_rows<ChannelRuns::planes_of_32>(rows, std::make_integer_sequence<int, kHaloPlaneShapes>{});
  return rows;
}

}  // namespace

std::span<const Kernel> conv2d_halo_rows() {
  static const std::vector<Kernel> rows = make_rows();
  return rows;
}

}  // namespace octet::cuda
