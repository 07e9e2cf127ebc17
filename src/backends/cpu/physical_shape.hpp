// Values as they lie in memory: the axes from the outermost to the innermost.
#pragma once

#include <octet/tensor.hpp>

namespace octet::cpu {

// Values whose channels are not packed, so that every logical axis is one axis in memory.
inline bool is_unpacked(const TensorType& type) { return type.layout.vector == 1; }

// The place in memory of a logical axis of an unpacked value.
inline std::size_t physical_axis(const TensorType& type, std::size_t axis) {
  if (type.shape.rank() != 4) return axis;
  for (std::size_t place = 0; place < 4; ++place)
    if (type.layout.order[place] == "NCHW"[axis]) return place;
  return axis;
}

// The extents of an unpacked value in that order.
inline Shape physical_shape(const TensorType& type) {
  Shape shape = type.shape;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    shape[physical_axis(type, axis)] = type.shape[axis];
  return shape;
}

// Elements before, along and after a logical axis.
struct AxisSplit {
  std::int64_t outer = 1, extent = 1, inner = 1;

  static AxisSplit of(const TensorType& type, std::size_t axis) {
    const Shape shape = physical_shape(type);
    const std::size_t place = physical_axis(type, axis);
    AxisSplit split;
    split.extent = shape[place];
    for (std::size_t i = 0; i < shape.rank(); ++i)
      if (i != place) (i < place ? split.outer : split.inner) *= shape[i];
    return split;
  }
};

}  // namespace octet::cpu
