// Indices along the axes of a value, as values; they follow the shape when it changes.
#pragma once

#include "formats/onnx/onnx_node.hpp"

namespace octet::onnx {

// The extent of `axis` (from 0), s64 {}.
ValueId extent_of(const OnnxNode& node, ValueId x, std::int64_t axis);
// 0, 1, ... along `axis`: s64 {n}.
ValueId indices_along(const OnnxNode& node, ValueId x, std::int64_t axis);
// column - row for the last two axes: s64 {rows, columns}.
ValueId diagonals(const OnnxNode& node, ValueId x);

// One extent of a target shape: `factor` times the extent of axis `axis`, or `factor` alone.
struct Extent {
  std::int64_t factor = 1;
  std::int64_t axis = -1;
  std::int64_t divisor = 1;
};
// s64 {n}, following the extents of `source`.
ValueId shape_vector(const OnnxNode& node, ValueId source, std::span<const Extent> extents);
// x in the shape that `extents` say.
ValueId reshape_to(const OnnxNode& node, ValueId x, ValueId source,
                   std::span<const Extent> extents);

}  // namespace octet::onnx
