// Which indices of an axis a slice takes.
#pragma once

#include <cstdint>
#include <optional>

namespace octet {

struct AxisRange {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

// begin:end:step over an axis, as numpy and ONNX count: negative bounds count from the end, and
// what lies outside is cut off. Throws Error(invalid_model) for a step of 0.
AxisRange resolve_range(std::optional<std::int64_t> begin, std::optional<std::int64_t> end,
                        std::int64_t step, std::int64_t extent);

// One index, negative counting from the end. Throws Error(invalid_model) outside of the axis.
std::int64_t resolve_index(std::int64_t index, std::int64_t extent);

}  // namespace octet
