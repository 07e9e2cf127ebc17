#include "ops/pool_geometry.hpp"

#include <algorithm>

#include "ops/require.hpp"

namespace octet {

PoolTaps pool_taps_at(const Window2d& window, std::size_t axis, std::int64_t kernel,
                      std::int64_t extent, std::int64_t position) {
  const std::int64_t first = position * window.stride[axis] - window.pad[axis];
  const std::int64_t step = window.dilation[axis];
  const auto count_below = [&](std::int64_t limit) {
    return limit <= first ? 0 : std::min(kernel, (limit - first + step - 1) / step);
  };
  const std::int64_t before = count_below(0), until = count_below(extent);
  PoolTaps taps;
  taps.begin = first + before * step;
  taps.end = first + until * step;
  taps.step = step;
  taps.inside = until - before;
  taps.padded = count_below(extent + window.pad[axis + 2]);
  return taps;
}

PoolGeometry PoolGeometry::of(const Pool2d& op, const Shape& x) {
  require(x.rank() == 4, "the input has the shape ", x.to_string(), " where {N,C,H,W} is expected");
  if (op.global) return {{x[2], x[3]}, {}, {x[0], x[1], 1, 1}};
  PoolGeometry geometry{op.kernel, op.window, {x[0], x[1], 0, 0}};
  check(op.window);
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    geometry.output[2 + axis] = window_positions(op.window, static_cast<int>(axis), x[2 + axis],
                                                 op.kernel[axis], op.ceil_mode);
    const std::int64_t span = geometry.window.dilation[axis] * (op.kernel[axis] - 1) + 1;
    require_supported(op.window.pad[axis] < span && op.window.pad[axis + 2] < span, "padding of ",
                      op.window.pad[axis], " and ", op.window.pad[axis + 2],
                      " around a pooling window of extent ", span, " is not supported");
  }
  return geometry;
}

// The fixed window that gives `outputs` positions: stride floor(in/out), the rest is the kernel.
Pool2d fixed_pool(const AdaptivePool2d& op, const Shape& x, std::int64_t height,
                  std::int64_t width) {
  require(x.rank() == 4, "the input has the shape ", x.to_string(), " where {N,C,H,W} is expected");
  require(height >= 1 && height <= x[2] && width >= 1 && width <= x[3], "adaptive pooling from ",
          x[2], " x ", x[3], " to ", height, " x ", width, " is not possible");
  Pool2d pool;
  pool.mode = op.mode;
  pool.window.stride = {x[2] / height, x[3] / width};
  pool.kernel = {x[2] - (height - 1) * pool.window.stride[0],
                 x[3] - (width - 1) * pool.window.stride[1]};
  return pool;
}

}  // namespace octet
