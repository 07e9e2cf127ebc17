#include "backends/cuda/elementwise/operands.hpp"

#include <algorithm>

namespace octet::cuda {

bool is_byte_type(const TensorType& type) {
  return type.dtype == DType::s8 || type.dtype == DType::u8 || type.dtype == DType::boolean ||
         type.dtype == DType::s4 || type.dtype == DType::u4;
}

Verdict check_layouts(const Problem& problem) {
  const TensorType& y = problem.outputs[0];
  for (const TensorType& x : problem.inputs) {
    if (!(x.layout == y.layout)) return Verdict::refuse("the operands differ in layout");
    if (!(y.layout == kNCHW) && !(x.shape == y.shape))
      return Verdict::refuse("an operand is broadcast in " + to_string(y.layout));
  }
  return Verdict::accept();
}

Verdict check_operands(const Problem& problem) {
  if (problem.inputs.size() > 4) return Verdict::refuse("there are more than four operands");
  return check_layouts(problem);
}

BroadcastParams broadcast_params(const Problem& problem) {
  BroadcastParams p{};
  const TensorType& y = problem.outputs[0];
  p.count = y.physical_elements();
  p.same = std::all_of(problem.inputs.begin(), problem.inputs.end(),
                       [&](const TensorType& x) { return x.shape == y.shape; });
  p.axes = static_cast<int>(y.shape.rank());
  for (int axis = 0; axis < p.axes; ++axis)
    p.extents[axis] = static_cast<int>(y.shape[static_cast<std::size_t>(axis)]);
  long long* const strides[] = {p.a, p.b, p.c, p.d};
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    const Shape& x = problem.inputs[i].shape;
    long long step = 1;
    for (std::size_t back = 0; back < x.rank(); ++back) {
      const std::size_t axis = x.rank() - 1 - back;
      const int target = p.axes - 1 - static_cast<int>(back);
      strides[i][target] = x[axis] == 1 ? 0 : step;
      step *= x[axis];
    }
  }
  return p;
}

}  // namespace octet::cuda
