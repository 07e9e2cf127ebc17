#include "backends/cuda/conv/geometry.hpp"

#include "ops/conv.hpp"

namespace octet::cuda {

ConvGeometry conv_geometry(const Problem& problem) {
  const auto& op = *problem.as<Conv2d>();
  const Shape& x = problem.inputs[0].shape;
  const Shape& w = problem.inputs[1].shape;
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
