#include "ops/broadcast_walk.hpp"

#include <algorithm>

namespace octet {
namespace {

// Steps of a row-major operand along the axes of the output; 0 where it repeats.
std::vector<std::int64_t> steps(const Shape& output, const Shape& operand) {
  std::vector<std::int64_t> result(output.rank(), 0);
  std::int64_t step = 1;
  for (std::size_t i = operand.rank(); i-- > 0;) {
    if (operand[i] != 1) result[output.rank() - operand.rank() + i] = step;
    step *= operand[i];
  }
  return result;
}

}  // namespace

BroadcastWalk::BroadcastWalk(const Shape& output, std::span<const Shape> operands)
    : strides_(operands.size()) {
  std::vector<std::vector<std::int64_t>> full;
  for (const Shape& operand : operands) full.push_back(steps(output, operand));
  // From the innermost axis out, an axis joins the one inside it when no operand sees a border.
  for (std::size_t axis = output.rank(); axis-- > 0;) {
    if (output[axis] == 1) continue;
    bool joins = !extents_.empty();
    for (std::size_t k = 0; joins && k < operands.size(); ++k)
      joins = full[k][axis] == strides_[k].back() * extents_.back();
    if (joins) {
      extents_.back() *= output[axis];
      continue;
    }
    extents_.push_back(output[axis]);
    for (std::size_t k = 0; k < operands.size(); ++k) strides_[k].push_back(full[k][axis]);
  }
  if (extents_.empty()) {
    extents_.push_back(1);
    for (auto& stride : strides_) stride.push_back(0);
  }
  std::ranges::reverse(extents_);
  for (auto& stride : strides_) std::ranges::reverse(stride);
}

void BroadcastWalk::advance(std::span<std::int64_t> index,
                            std::span<std::int64_t> offsets) const noexcept {
  for (std::size_t axis = extents_.size() - 1; axis-- > 0;) {
    const bool wraps = ++index[axis] == extents_[axis];
    if (wraps) index[axis] = 0;
    for (std::size_t k = 0; k < offsets.size(); ++k)
      offsets[k] += wraps ? -strides_[k][axis] * (extents_[axis] - 1) : strides_[k][axis];
    if (!wraps) return;
  }
}

}  // namespace octet
