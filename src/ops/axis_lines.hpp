// The lines of a row-major value along one axis, or along several neighbouring axes taken as one.
#pragma once

#include <octet/tensor.hpp>

#include "base/device.hpp"

namespace octet {

struct AxisLines {
  std::int64_t outer = 1, length = 1, inner = 1;

  // Axes first to last, last not included, make up a line.
  AxisLines(const Shape& shape, std::size_t first, std::size_t last) {
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
      (axis < first ? outer : axis < last ? length : inner) *= shape[axis];
  }
  AxisLines(const Shape& shape, std::size_t axis) : AxisLines(shape, axis, axis + 1) {}

  OCTET_DEVICE std::int64_t count() const noexcept { return outer * inner; }
  // The offset of a line's first element; the others follow in steps of `inner`.
  OCTET_DEVICE std::int64_t first(std::int64_t line) const noexcept {
    return line / inner * length * inner + line % inner;
  }

  // Calls visit(first, line) for each line.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::int64_t line = 0; line < count(); ++line) visit(first(line), line);
  }
};

}  // namespace octet
