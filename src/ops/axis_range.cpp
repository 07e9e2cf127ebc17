#include "ops/axis_range.hpp"

#include <algorithm>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/require.hpp"

namespace octet {

AxisRange resolve_range(std::optional<std::int64_t> begin, std::optional<std::int64_t> end,
                        std::int64_t step, std::int64_t extent) {
  require(step != 0, "a slice has the step 0");
  if (extent == 0) return {};
  // A step longer than the axis takes one element, however long; clamped, it cannot overflow.
  AxisRange range{0, std::clamp(step, -extent - 1, extent + 1), 0};
  const auto bound = [extent](std::int64_t index, std::int64_t lowest, std::int64_t highest) {
    return std::clamp(index < 0 ? index + extent : index, lowest, highest);
  };
  std::int64_t length = 0, stride = range.step;
  if (step > 0) {
    range.first = begin ? bound(*begin, 0, extent) : 0;
    length = (end ? bound(*end, 0, extent) : extent) - range.first;
  } else {
    range.first = begin ? bound(*begin, 0, extent - 1) : extent - 1;
    length = range.first - (end ? bound(*end, -1, extent) : -1);
    stride = -range.step;
  }
  range.count = length > 0 ? (length - 1) / stride + 1 : 0;
  return range;
}

std::int64_t resolve_index(std::int64_t index, std::int64_t extent) {
  require(index >= -extent && index < extent, "index ", index,
          " is out of range for an axis of extent ", extent);
  return index < 0 ? index + extent : index;
}

}  // namespace octet
