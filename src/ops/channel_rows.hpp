// A value seen as {outer, channels, inner}, where channels runs along the axis of its scales.
#pragma once

#include <octet/tensor.hpp>

namespace octet {

struct ChannelRows {
  std::int64_t outer = 1, channels = 1, inner = 1;

  // One channel that is everything.
  static ChannelRows whole(const Shape& shape) { return {1, 1, shape.elements()}; }
  static ChannelRows along(const Shape& shape, std::size_t axis) {
    ChannelRows rows;
    for (std::size_t i = 0; i < shape.rank(); ++i)
      (i < axis ? rows.outer : i == axis ? rows.channels : rows.inner) *= shape[i];
    return rows;
  }

  // Of the first element of channel k in the i-th of the outer blocks; `inner` elements follow.
  std::int64_t offset(std::int64_t i, std::int64_t k) const noexcept {
    return (i * channels + k) * inner;
  }
};

}  // namespace octet
