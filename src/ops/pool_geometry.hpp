// Which elements a pooling window covers.
#pragma once

#include "ops/pool.hpp"

namespace octet {

// The taps of a window along one axis: indices begin, begin + step, ... below end, all inside the
// image; `padded` counts those in the padding as well, but none beyond it.
struct PoolTaps {
  std::int64_t begin = 0, end = 0, step = 1;
  std::int64_t inside = 0, padded = 0;
};

PoolTaps pool_taps_at(const Window2d& window, std::size_t axis, std::int64_t kernel,
                      std::int64_t extent, std::int64_t position);

// A pooling operator on an input of one shape.
struct PoolGeometry {
  std::array<std::int64_t, 2> kernel;
  Window2d window;
  Shape output;  // {N,C,OH,OW}

  // Throws Error(invalid_model or unsupported).
  static PoolGeometry of(const Pool2d& op, const Shape& x);
};

// The pooling with fixed windows that adaptive pooling to height x width is.
// Throws Error(invalid_model).
Pool2d fixed_pool(const AdaptivePool2d& op, const Shape& x, std::int64_t height,
                  std::int64_t width);

}  // namespace octet
