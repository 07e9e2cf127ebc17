#include "backends/cudnn/rows.hpp"

#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cudnn/conv_graph.hpp"
#include "backends/cudnn/conv_plan.hpp"
#include "ops/conv.hpp"

namespace octet::cudnn {
namespace {

constexpr std::size_t kRanks = 6;  // how many of cuDNN's plans are rows

// Each stream has a handle of its own, made when it first runs a plan.
cudnnHandle_t handle_for(const RunArgs& args, cudaStream_t stream) {
  static const std::uint64_t owner = cuda::unique_number();
  const auto& context = static_cast<const cuda::StreamContext&>(*args.context);
  const Handle& handle =
      context.attachment<Handle>(owner, [] { return std::make_shared<Handle>(); });
  check(library().set_stream(handle.get(), stream), "choosing a stream");
  return handle.get();
}

// [k][c][r][s] to [k][r][s][c].
std::vector<std::int8_t> channels_last(const cuda::Filter& filter) {
  std::vector<std::int8_t> packed;
  packed.reserve(filter.values.size());
  for (int k = 0; k < filter.k; ++k)
    for (int r = 0; r < filter.r; ++r)
      for (int s = 0; s < filter.s; ++s)
        for (int c = 0; c < filter.c; ++c) packed.push_back(filter.at(k, c, r, s));
  return packed;
}

const std::byte* z_of(const RunArgs& args) {
  return args.inputs.size() > 3 ? args.inputs[3] : nullptr;
}

std::unique_ptr<Executable> prepare_plan(const Problem& problem, std::size_t rank) {
  const cuda::Filter filter = cuda::read_filter(problem);
  const auto plan = std::make_shared<const ConvPlan>(conv_spec(problem), rank);
  const FusedConstants constants = fused_constants(cuda::conv_epilogue(problem, filter.sums()));
  const cuda::DeviceArray weights(channels_last(filter)), scale(constants.scale),
      bias(constants.bias), z_scale(&constants.z_scale, sizeof(float));
  return cuda::make_launch(
      [=](const RunArgs& args, cudaStream_t stream) {
        const ConvPointers pointers{args.inputs[0],     weights.as<std::int8_t>(), args.outputs[0],
                                    scale.as<float>(),  bias.as<float>(),          z_of(args),
                                    z_scale.as<float>()};
        plan->execute(handle_for(args, stream), pointers, args.workspace);
      },
      plan->workspace(), {true, false, false, true});
}

Verdict check_library() {
  if (const Verdict& verdict = cuda::device_verdict(); !verdict) return verdict;
  if (cuda::device().capability() < 80)
    return Verdict::refuse("its 8-bit graphs need compute capability 8.0");
  return library_verdict();
}

Verdict check_row(const Problem& problem, const Demands& demands) {
  if (const Verdict verdict = check_operands(problem); !verdict) return verdict;
  if (demands.numerics == Numerics::exact)
    return Verdict::refuse("its epilogue may differ by one step, and --numerics is exact");
  if (const Verdict verdict = check_epilogue(problem); !verdict) return verdict;
  return check_library();
}

template <std::size_t kRank>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  return prepare_plan(problem, kRank);
}
template <std::size_t kRank>
double estimate_row(const Problem& problem) {
  return estimate_conv(problem, kRank);
}

template <std::size_t... kRank>
std::vector<Kernel> make_rows(std::index_sequence<kRank...>) {
  return {Kernel{"cudnn_conv_s8s8_nhwc_fused_plan" + std::to_string(kRank), check_row,
                 prepare_row<kRank>, estimate_row<kRank>}...};
}

}  // namespace

std::span<const Kernel> kernels(std::string_view op_kind) {
  static const std::vector<Kernel> rows = make_rows(std::make_index_sequence<kRanks>{});
  if (op_kind != Conv2d::kKind) return {};
  return rows;
}

}  // namespace octet::cudnn
