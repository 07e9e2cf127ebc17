#include "backends/cuda/conv/geometry.hpp"

namespace octet::cuda {

ConvGeometry conv_geometry(const Problem& problem) {
  return conv_geometry(problem, *problem.as<Conv2d>(), problem.inputs[1].shape);
}

ConvGeometry conv_geometry(const Problem& problem, const Conv2d& op, const Shape& w) {
  const Shape& x = problem.inputs[0].shape;
  const Shape& y = problem.outputs[0].shape;
  const auto integer = [](std::int64_t value) { return static_cast<int>(value); };
  return {integer(x[0]),
          integer(x[1]),
          integer(x[2]),
          integer(x[3]),
          integer(y[1]),
          integer(y[2]),
          integer(y[3]),
          integer(w[2]),
          integer(w[3]),
          integer(op.groups),
          integer(op.window.stride[0]),
          integer(op.window.stride[1]),
          integer(op.window.pad[0]),
          integer(op.window.pad[1]),
          integer(op.window.dilation[0]),
          integer(op.window.dilation[1]),
          op.flip_filter};
}

}  // namespace octet::cuda
