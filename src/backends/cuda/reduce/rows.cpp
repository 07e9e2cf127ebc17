#include <cstdint>

#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/reduce/softmax.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/reduce.hpp"

namespace octet::cuda {
namespace {

std::size_t first_axis(const Softmax& op, std::size_t rank) {
  return static_cast<std::size_t>(op.axis < 0 ? op.axis + static_cast<std::int64_t>(rank)
                                              : op.axis);
}

// Elements after the axis (or axes) that the softmax runs over.
std::int64_t inner_elements(const Softmax& op, const Shape& shape) {
  if (op.flatten_from) return 1;
  std::int64_t inner = 1;
  for (std::size_t i = first_axis(op, shape.rank()) + 1; i < shape.rank(); ++i) inner *= shape[i];
  return inner;
}

Verdict check_softmax(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  if (x.dtype != DType::f32 || problem.outputs[0].dtype != DType::f32)
    return Verdict::refuse("the values are not f32");
  if (!(x.layout == kNCHW)) return Verdict::refuse("the input is in " + to_string(x.layout));
  if (inner_elements(*problem.as<Softmax>(), x.shape) != 1)
    return Verdict::refuse("the values of a line are not neighbours");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_softmax(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Softmax>();
  const Shape& shape = problem.inputs[0].shape;
  std::int64_t length = 1;
  for (std::size_t i = first_axis(op, shape.rank()); i < shape.rank(); ++i) length *= shape[i];
  const std::int64_t lines = length == 0 ? 0 : shape.elements() / length;
  return make_launch([lines = static_cast<int>(lines), length = static_cast<int>(length),
                      log = op.log](const RunArgs& args, cudaStream_t stream) {
    launch_softmax(reinterpret_cast<const float*>(args.inputs[0]),
                   reinterpret_cast<float*>(args.outputs[0]), lines, length, log, stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> softmax_rows() {
  static const Kernel rows[] = {{"softmax_f32_line_sm75", check_softmax, prepare_softmax}};
  return rows;
}

}  // namespace octet::cuda
