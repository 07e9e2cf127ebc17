#include "backends/cuda/common/broadcast_walk.hpp"

namespace octet::cuda {

Walk broadcast_walk(const Shape& operand, const Shape& output) {
  Walk walk;
  walk.axes = static_cast<int>(output.rank());
  long long step = 1;
  for (std::size_t back = 1; back <= output.rank(); ++back) {
    const std::size_t axis = output.rank() - back;
    const std::int64_t extent = back <= operand.rank() ? operand[operand.rank() - back] : 1;
    walk.extents[axis] = static_cast<int>(output[axis]);
    walk.steps[axis] = extent == 1 ? 0 : step;
    step *= extent;
  }
  return walk;
}

}  // namespace octet::cuda
