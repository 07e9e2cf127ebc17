#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/diagonal/plan.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

// Defined by the diagonal_*.cu files, one instance each.
template <int Shape>
DiagonalLaunch diagonal_instance(const WgmmaForm& form);

namespace {

DiagonalDevice this_device() {
  return {device().multiprocessors, static_cast<int>(device().shared_memory_per_block)};
}

template <int kShape>
Verdict check_row(const Problem& problem, const Demands&) {
  if (device().capability() < 80)
    return Verdict::refuse("the GPU has no products of 16 x 8 x 32 (compute capability 8.0)");
  return check_diagonal(problem, kDiagonalShapes[kShape], this_device());
}

template <int kShape>
double estimate_row(const Problem& problem) {
  return estimate_diagonal(problem, kDiagonalShapes[kShape], this_device());
}

template <int kShape>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr DiagonalShape kThis = kDiagonalShapes[kShape];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  auto [params, blocks, rounds] = diagonal_plan(problem, kThis, this_device());
  // For the epilogue alone; the tile is any.
  params.conv = wgmma_params(problem, epilogue, {64, 64, 64, 1, 1});
  const ChannelConstants constants =
      in_blocks(channel_constants(epilogue, form.rule, params.conv), kDiagonalChunk);
  const DeviceArray weights(pack_diagonal_filter(filter, kThis)), scales(constants.m),
      biases(constants.bias);
  params.filter = weights.as<uint2>();
  params.conv.m = scales.as<float>();
  params.conv.bias = biases.as<std::int32_t>();
  return make_launch(
      [=, params = params, blocks = blocks, most = this_device().shared_bytes,
       launch = diagonal_instance<kShape>(form)](const RunArgs& args, cudaStream_t stream) {
        DiagonalParams run = params;
        run.x = reinterpret_cast<const std::int8_t*>(args.inputs[0]);
        run.y = reinterpret_cast<std::int8_t*>(args.outputs[0]);
        launch(run, blocks, most, stream);
        // The arrays live as long as this function: params point into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, false});
}

std::string name_of(const DiagonalShape& shape) {
  return "conv_x8s8_nhwc_diagonal_mma_sm80_" + std::to_string(shape.r) + "x" +
         std::to_string(shape.s) + "s" + std::to_string(shape.stride);
}

template <int... kShape>
std::vector<Kernel> make_rows(std::integer_sequence<int, kShape...>) {
  return {Kernel{name_of(kDiagonalShapes[kShape]), check_row<kShape>, prepare_row<kShape>,
                 estimate_row<kShape>}...};
}

}  // namespace

std::span<const Kernel> conv2d_diagonal_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_integer_sequence<int, std::size(kDiagonalShapes)>{});
  return rows;
}

}  // namespace octet::cuda
