#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/index/walks.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/element_moves.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"

namespace octet::cuda {
namespace {

IndexOperands operands_of(const RunArgs& args) {
  IndexOperands operands{};
  for (std::size_t i = 0; i < args.inputs.size() && i < std::size(operands.inputs); ++i)
    operands.inputs[i] = args.inputs[i];
  return operands;
}

int element_bytes(const Problem& problem) {
  return static_cast<int>(size_of(problem.outputs[0].dtype));
}

Verdict check_index(const Problem& problem, const Demands& demands) {
  if (problem.inputs.size() > std::size(IndexOperands{}.inputs))
    return Verdict::refuse("there are more than 9 inputs");
  return check_default_layout(problem, demands);
}

std::unique_ptr<Executable> prepare_gather(const Problem& problem, const Demands&) {
  return make_launch([walk = index_walk(problem), bytes = element_bytes(problem)](
                         const RunArgs& args, cudaStream_t stream) {
    launch_gather(walk, bytes, operands_of(args), args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

Verdict check_scatter(const Problem& problem, const Demands& demands) {
  if (problem.inputs[2].shape.elements() >= std::int64_t{1} << 31)
    return Verdict::refuse("there are 2^31 updates or more");
  return check_index(problem, demands);
}

std::unique_ptr<Executable> prepare_scatter(const Problem& problem, const Demands&) {
  const std::int64_t elements = problem.inputs[0].shape.elements();
  return make_launch(
      [walk = index_walk(problem), bytes = element_bytes(problem), elements](const RunArgs& args,
                                                                             cudaStream_t stream) {
        launch_scatter(walk, bytes, elements, operands_of(args), args.inputs[2],
                       reinterpret_cast<int*>(args.workspace), args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      static_cast<std::size_t>(elements) * sizeof(int));
}

std::unique_ptr<Executable> prepare_one_hot(const Problem& problem, const Demands&) {
  const Shape& y = problem.outputs[0].shape;
  const std::size_t along = resolve_axis(problem.as<OneHot>()->axis, y.rank());
  OneHotParams params{};
  params.count = y.elements();
  params.depth = y[along];
  params.inner = strides_of(y)[along];
  params.indices = ElementFormat::of(
      {problem.inputs[0].dtype, problem.inputs[0].shape, kNCHW, std::nullopt}, QuantRule::mge);
  params.floats = is_float(problem.inputs[0].dtype);
  params.element_bytes = element_bytes(problem);
  return make_launch(
      [params](const RunArgs& args, cudaStream_t stream) {
        launch_one_hot(params, args.inputs[0], args.inputs[2], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, true});
}

}  // namespace

std::span<const Kernel> gather_rows() {
  static const Kernel rows[] = {{"gather_any_direct_sm75", check_index, prepare_gather}};
  return rows;
}

std::span<const Kernel> scatter_rows() {
  static const Kernel rows[] = {{"scatter_any_direct_sm75", check_scatter, prepare_scatter}};
  return rows;
}

std::span<const Kernel> one_hot_rows() {
  static const Kernel rows[] = {{"one_hot_any_direct_sm75", check_default_layout, prepare_one_hot}};
  return rows;
}

}  // namespace octet::cuda
