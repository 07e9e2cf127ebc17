#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/layouts.hpp"
#include "backends/cuda/conv/dp4a/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

template <std::size_t kLayout>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!(problem.inputs[0].layout == kRowLayouts[kLayout].layout))
    return Verdict::refuse("the input is in " + to_string(problem.inputs[0].layout));
  return check_dp4a(problem);
}

double estimate_row(const Problem& problem) {
  return estimate_dp4a(problem, device().multiprocessors);
}

// The packed form of a filter that is known now.
DeviceArray pack_constant(const Dp4aPackParams& pack, const Tensor& filter) {
  const DeviceArray source(filter.data(), filter.bytes());
  const std::vector<std::int8_t> zeros(packed_filter_bytes(pack));
  DeviceArray packed(zeros);
  launch_dp4a_pack(pack, source.as<std::byte>(), const_cast<std::byte*>(packed.as<std::byte>()),
                   nullptr);
  OCTET_CUDA_CHECK(cudaGetLastError());
  OCTET_CUDA_CHECK(cudaStreamSynchronize(nullptr));
  return packed;
}

std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  Dp4aParams params = dp4a_params(problem);
  const Dp4aPackParams pack = dp4a_pack_params(problem, params);
  const DeviceEpilogue epilogue(dp4a_epilogue(problem));
  params.epilogue = epilogue.params();
  const bool constant = problem.constants[1] != nullptr;
  const DeviceArray filter = constant ? pack_constant(pack, *problem.constants[1]) : DeviceArray();
  return make_launch(
      [params, pack, epilogue, filter](const RunArgs& args, cudaStream_t stream) {
        const void* packed = filter.as<std::byte>();
        if (filter.empty()) {
          launch_dp4a_pack(pack, args.inputs[1], args.workspace, stream);
          packed = args.workspace;
        }
        launch_dp4a_conv(params, args.inputs[0], packed,
                         args.inputs.size() > 3 ? args.inputs[3] : nullptr, args.outputs[0],
                         stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      constant ? 0 : packed_filter_bytes(pack), {true, !constant, false, true});
}

template <std::size_t... kLayout>
std::vector<Kernel> make_rows(const char* what, std::index_sequence<kLayout...>) {
  const auto name = [&](std::size_t layout) {
    return std::string(what) + "_x8s8_" + kRowLayouts[layout].name + "_dp4a_sm75";
  };
  return {Kernel{name(kLayout), check_row<kLayout>, prepare_row, estimate_row}...};
}

}  // namespace

std::span<const Kernel> conv2d_dp4a_rows() {
  static const auto rows = make_rows("conv", std::make_index_sequence<kRowLayouts.size()>{});
  return rows;
}

std::span<const Kernel> batch_conv2d_rows() {
  static const auto rows = make_rows("batch_conv", std::make_index_sequence<kRowLayouts.size()>{});
  return rows;
}

std::span<const Kernel> group_local_rows() {
  static const auto rows = make_rows("local", std::make_index_sequence<kRowLayouts.size()>{});
  return rows;
}

}  // namespace octet::cuda
