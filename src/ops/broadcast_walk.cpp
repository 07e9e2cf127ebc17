#include "ops/broadcast_walk.hpp"

#include <algorithm>

namespace octet {
// Steps of a row-major operand along the axes of the output; 0 where it repeats.
BroadcastWalk::Extents BroadcastWalk::steps(const Shape& output, const Shape& operand) {
  Extents result{};
  std::int64_t step = 1;
  for (std::size_t i = operand.rank(); i-- > 0;) {
    if (operand[i] != 1) result[output.rank() - operand.rank() + i] = step;
    step *= operand[i];
  }
  return result;
}

BroadcastWalk::BroadcastWalk(const Shape& output, std::span<const Shape> operands)
    : operands_(operands.size()) {
  std::array<Extents, kMostOperands> full{};
  for (std::size_t k = 0; k < operands_; ++k) full[k] = steps(output, operands[k]);
  // From the innermost axis out, an axis joins the one inside it when no operand sees a border.
  for (std::size_t axis = output.rank(); axis-- > 0;) {
    if (output[axis] == 1) continue;
    bool joins = axes_ > 0;
    for (std::size_t k = 0; joins && k < operands_; ++k)
      joins = full[k][axis] == strides_[k][axes_ - 1] * extents_[axes_ - 1];
    if (joins) {
      extents_[axes_ - 1] *= output[axis];
      continue;
    }
    extents_[axes_] = output[axis];
    for (std::size_t k = 0; k < operands_; ++k) strides_[k][axes_] = full[k][axis];
    ++axes_;
  }
  if (axes_ == 0) extents_[axes_++] = 1;  // one element, which nobody steps away from
  std::reverse(extents_.begin(), extents_.begin() + axes_);
  for (Extents& stride : strides_) std::reverse(stride.begin(), stride.begin() + axes_);
}

void BroadcastWalk::advance(std::span<std::int64_t> index,
                            std::span<std::int64_t> offsets) const noexcept {
  for (std::size_t axis = axes_ - 1; axis-- > 0;) {
    const bool wraps = ++index[axis] == extents_[axis];
    if (wraps) index[axis] = 0;
    for (std::size_t k = 0; k < offsets.size(); ++k)
      offsets[k] += wraps ? -strides_[k][axis] * (extents_[axis] - 1) : strides_[k][axis];
    if (!wraps) return;
  }
}

}  // namespace octet
