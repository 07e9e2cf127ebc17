#include <algorithm>

#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/reduce/lines.hpp"
#include "backends/cuda/reduce/reduce.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/operands.hpp"
#include "ops/reduce.hpp"

namespace octet::cuda {
namespace {

// Neighbouring axes of one kind become one.
void append(Walk& walk, std::int64_t extent, long long step, bool joins) {
  if (joins) {
    walk.extents[walk.axes - 1] *= static_cast<int>(extent);
    walk.steps[walk.axes - 1] = step;
    return;
  }
  walk.extents[walk.axes] = static_cast<int>(extent);
  walk.steps[walk.axes++] = step;
}

Verdict check_reduce(const Problem& problem, const Demands& demands) {
  if (problem.inputs[0].shape.elements() >= std::int64_t{1} << 31)
    return Verdict::refuse("the input has 2^31 elements or more");
  return check_default_layout(problem, demands);
}

std::unique_ptr<Executable> prepare_reduce(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Reduce>();
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const Shape kept = op.kept_shape(x.shape, y.shape);
  ReduceParams params{};
  params.mode = op.mode;
  params.arithmetic = reduce_arithmetic(op.mode, x.dtype);
  params.count = kept.elements();
  params.members = params.count == 0 ? 0 : x.shape.elements() / params.count;
  long long step = x.shape.elements();
  Walk* last = nullptr;
  for (std::size_t axis = 0; axis < x.shape.rank(); ++axis) {
    if (x.shape[axis] == 1) continue;
    step = x.shape[axis] == 0 ? 0 : step / x.shape[axis];
    Walk& walk = kept[axis] == 1 ? params.reduced : params.outputs;
    append(walk, x.shape[axis], step, last == &walk);
    last = &walk;
  }
  params.x = ElementFormat::of(x, QuantRule::mge);
  params.y = ElementFormat::of(y, QuantRule::mge);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_reduce(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

// The stored numbers, which along one axis compare as the values do.
ElementFormat stored(const TensorType& type) {
  return ElementFormat::of({type.dtype, type.shape, kNCHW, std::nullopt}, QuantRule::mge);
}

SelectParams select_params(const Problem& problem, std::int64_t axis, bool largest) {
  const TensorType& x = problem.inputs[0];
  SelectParams params{AxisLines(x.shape, resolve_axis(axis, x.shape.rank())),
                      arithmetic_of(x.dtype),
                      largest,
                      false,
                      1,
                      stored(x),
                      stored(x),
                      stored(problem.outputs.back())};
  return params;
}

std::unique_ptr<Executable> prepare_arg_reduce(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<ArgReduce>();
  SelectParams params = select_params(problem, op.axis, op.largest);
  params.last = op.last;
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_arg_reduce(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::unique_ptr<Executable> prepare_topk(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<TopK>();
  SelectParams params = select_params(problem, op.axis, op.largest);
  const Shape& y = problem.outputs[0].shape;
  params.k = static_cast<int>(y[resolve_axis(op.axis, y.rank())]);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_topk(params, args.inputs[0], args.outputs[0], args.outputs[1], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

LineParams line_params(const Problem& problem, const AxisLines& lines, QuantRule rule) {
  LineParams params{lines, arithmetic_of(problem.inputs[0].dtype), false, false, false, {}, {}};
  params.x = ElementFormat::of(problem.inputs[0], rule);
  params.y = ElementFormat::of(problem.outputs[0], rule);
  return params;
}

std::unique_ptr<Executable> prepare_cumsum(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<CumSum>();
  const Shape& x = problem.inputs[0].shape;
  const std::size_t axis = resolve_axis(to_integers(*problem.constants[1])[0], x.rank());
  LineParams params = line_params(problem, AxisLines(x, axis), QuantRule::mge);
  params.exclusive = op.exclusive;
  params.reverse = op.reverse;
  return make_launch(
      [params](const RunArgs& args, cudaStream_t stream) {
        launch_cumsum(params, args.inputs[0], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false});
}

std::unique_ptr<Executable> prepare_softmax_any(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Softmax>();
  const Shape& x = problem.inputs[0].shape;
  const std::size_t axis = resolve_axis(op.axis, x.rank());
  LineParams params =
      line_params(problem, AxisLines(x, axis, op.flatten_from ? x.rank() : axis + 1), op.rule);
  params.log = op.log;
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_softmax_any(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> reduce_rows() {
  static const Kernel rows[] = {{"reduce_any_direct_sm75", check_reduce, prepare_reduce}};
  return rows;
}

std::span<const Kernel> arg_reduce_rows() {
  static const Kernel rows[] = {
      {"arg_reduce_any_block_sm75", check_default_layout, prepare_arg_reduce}};
  return rows;
}

std::span<const Kernel> topk_rows() {
  static const Kernel rows[] = {{"topk_any_block_sm75", check_default_layout, prepare_topk}};
  return rows;
}

std::span<const Kernel> cumsum_rows() {
  static const Kernel rows[] = {{"cumsum_any_line_sm75", check_default_layout, prepare_cumsum}};
  return rows;
}

std::span<const Kernel> softmax_any_rows() {
  static const Kernel rows[] = {
      {"softmax_any_line_sm75", check_default_layout, prepare_softmax_any}};
  return rows;
}

}  // namespace octet::cuda
