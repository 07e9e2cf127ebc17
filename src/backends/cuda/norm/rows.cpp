#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/norm/norm.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/norm.hpp"

namespace octet::cuda {
namespace {

ElementFormat format_of(const TensorType& type) { return ElementFormat::of(type, QuantRule::mge); }

std::size_t workspace_for(std::int64_t lines) {
  return static_cast<std::size_t>(lines) * sizeof(Normaliser);
}

Normaliser* normalisers_in(const RunArgs& args) {
  return reinterpret_cast<Normaliser*>(args.workspace);
}

// With one parameter for each channel of {N,C,...}.
NormaliseParams by_channels(const Problem& problem) {
  const TensorType& x = problem.inputs[0];
  const AxisLines maps(x.shape, 2, x.shape.rank());
  NormaliseParams params{};
  params.count = x.shape.elements();
  params.length = params.repeat = maps.length;
  params.parameters = x.shape[1];
  params.x = format_of(x);
  params.y = format_of(problem.outputs[0]);
  return params;
}

std::unique_ptr<Executable> prepare_batch_norm(const Problem& problem, const Demands&) {
  const auto channels = problem.inputs[0].shape[1];
  const ChannelStatistics statistics{static_cast<int>(channels), problem.as<BatchNorm>()->epsilon,
                                     format_of(problem.inputs[1]), format_of(problem.inputs[3]),
                                     format_of(problem.inputs[4])};
  NormaliseParams params = by_channels(problem);
  params.lines = channels;
  params.bias = format_of(problem.inputs[2]);
  return make_launch(
      [=](const RunArgs& args, cudaStream_t stream) {
        Normaliser* const normalisers = normalisers_in(args);
        launch_channel_statistics(statistics, args.inputs[1], args.inputs[3], args.inputs[4],
                                  normalisers, stream);
        launch_normalise(params, args.inputs[0], normalisers, nullptr, args.inputs[2],
                         args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      workspace_for(channels));
}

std::unique_ptr<Executable> prepare_instance_norm(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  LineStatistics statistics{AxisLines(x.shape, 2, x.shape.rank()),
                            problem.as<InstanceNorm>()->epsilon, format_of(x), format_of(x)};
  NormaliseParams params = by_channels(problem);
  params.lines = statistics.lines.count();
  params.weight = format_of(problem.inputs[1]);
  params.bias = format_of(problem.inputs[2]);
  return make_launch(
      [=](const RunArgs& args, cudaStream_t stream) {
        Normaliser* const normalisers = normalisers_in(args);
        launch_line_statistics(statistics, args.inputs[0], normalisers, nullptr, nullptr, stream);
        launch_normalise(params, args.inputs[0], normalisers, args.inputs[1], args.inputs[2],
                         args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      workspace_for(params.lines));
}

std::unique_ptr<Executable> prepare_layer_norm(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<LayerNorm>();
  const TensorType& x = problem.inputs[0];
  const std::size_t rank = x.shape.rank();
  const LineStatistics statistics{
      AxisLines(x.shape, rank - static_cast<std::size_t>(op.axes), rank), op.epsilon, format_of(x),
      format_of(problem.outputs[1])};
  NormaliseParams params{};
  params.count = x.shape.elements();
  params.length = params.parameters = statistics.lines.length;
  params.lines = statistics.lines.count();
  params.repeat = 1;
  params.x = format_of(x);
  params.y = format_of(problem.outputs[0]);
  if (problem.has_input(1)) params.weight = format_of(problem.inputs[1]);
  if (problem.has_input(2)) params.bias = format_of(problem.inputs[2]);
  return make_launch(
      [=](const RunArgs& args, cudaStream_t stream) {
        const auto input = [&](std::size_t i) -> const std::byte* {
          return i < args.inputs.size() ? args.inputs[i] : nullptr;
        };
        Normaliser* const normalisers = normalisers_in(args);
        launch_line_statistics(statistics, args.inputs[0], normalisers, args.outputs[1],
                               args.outputs[2], stream);
        launch_normalise(params, args.inputs[0], normalisers, input(1), input(2), args.outputs[0],
                         stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      workspace_for(params.lines));
}

std::unique_ptr<Executable> prepare_local_response(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<LocalResponseNorm>();
  const TensorType& x = problem.inputs[0];
  const LocalResponseParams params{AxisLines(x.shape, 1),
                                   (op.size - 1) / 2,
                                   op.size - 1 - (op.size - 1) / 2,
                                   double{op.alpha} / static_cast<double>(op.size),
                                   double{op.bias},
                                   double{op.beta},
                                   format_of(x)};
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_local_response(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> batch_norm_rows() {
  static const Kernel rows[] = {
      {"batch_norm_any_direct_sm75", check_default_layout, prepare_batch_norm}};
  return rows;
}

std::span<const Kernel> instance_norm_rows() {
  static const Kernel rows[] = {
      {"instance_norm_any_line_sm75", check_default_layout, prepare_instance_norm}};
  return rows;
}

std::span<const Kernel> layer_norm_rows() {
  static const Kernel rows[] = {
      {"layer_norm_any_line_sm75", check_default_layout, prepare_layer_norm}};
  return rows;
}

std::span<const Kernel> lrn_rows() {
  static const Kernel rows[] = {
      {"lrn_any_direct_sm75", check_default_layout, prepare_local_response}};
  return rows;
}

}  // namespace octet::cuda
