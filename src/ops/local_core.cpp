#include "ops/local_core.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"
#include "ops/scratch.hpp"

namespace octet {
namespace {

// One output position at a time; all output channels of a group lie side by side in the filter.
template <typename X, typename W, typename Tap, typename Sum>
class LocalConvolver {
 public:
  explicit LocalConvolver(const LocalTask& task)
      : task_(task),
        shape_(task.shape),
        region_height_(shape_.oh / shape_.region_rows),
        region_width_(shape_.ow / shape_.region_columns),
        sums_(scratch<Sum, 2>(static_cast<std::size_t>(shape_.group_outputs))
                  .first(static_cast<std::size_t>(shape_.group_outputs))) {}

  void run() {
    for (std::int64_t n = 0; n < shape_.n; ++n)
      for (std::int64_t g = 0; g < shape_.groups; ++g)
        for (std::int64_t oh = 0; oh < shape_.oh; ++oh)
          for (std::int64_t ow = 0; ow < shape_.ow; ++ow) {
            sum_position(n, g, oh, ow);
            store(n, g, oh * shape_.ow + ow);
          }
  }

 private:
  void sum_position(std::int64_t n, std::int64_t g, std::int64_t oh, std::int64_t ow) {
    std::fill(sums_.begin(), sums_.end(), Sum{});
    const Window2d& window = task_.window;
    const std::int64_t top = oh * window.stride[0] - window.pad[0];
    const std::int64_t left = ow * window.stride[1] - window.pad[1];
    const std::int64_t region =
        (g * shape_.region_rows + oh / region_height_) * shape_.region_columns + ow / region_width_;
    for (std::int64_t c = 0; c < shape_.group_inputs; ++c) {
      const X* x =
          task_.x.as<X>() + (n * shape_.c + g * shape_.group_inputs + c) * shape_.h * shape_.w;
      const std::int64_t first_tap = (region * shape_.group_inputs + c) * shape_.r * shape_.s;
      for (std::int64_t r = 0; r < shape_.r; ++r)
        for (std::int64_t s = 0; s < shape_.s; ++s) {
          const std::int64_t h = top + r * window.dilation[0], w = left + s * window.dilation[1];
          if (h < 0 || h >= shape_.h || w < 0 || w >= shape_.w) continue;
          add_tap(x[h * shape_.w + w], first_tap + tap_index(r, s));
        }
    }
  }

  std::int64_t tap_index(std::int64_t r, std::int64_t s) const {
    const std::int64_t index = r * shape_.s + s;
    return task_.flip_filter ? shape_.r * shape_.s - 1 - index : index;
  }

  void add_tap(X value, std::int64_t tap) {
    const Tap x = static_cast<Tap>(value - static_cast<Tap>(quant_of(*task_.x.type).zero_point()));
    const Tap zero = static_cast<Tap>(quant_of(*task_.w.type).zero_point());
    const W* w = task_.w.as<W>() + tap * shape_.group_outputs;
    for (std::size_t k = 0; k < sums_.size(); ++k)
      add_product(sums_[k], x, static_cast<Tap>(w[k] - zero));
  }

  void store(std::int64_t n, std::int64_t g, std::int64_t position) const {
    const std::int64_t plane = shape_.oh * shape_.ow;
    for (std::int64_t i = 0; i < shape_.group_outputs; ++i) {
      const std::int64_t k = g * shape_.group_outputs + i;
      const std::int64_t offset = (n * shape_.groups * shape_.group_outputs + k) * plane + position;
      task_.output.store(k, offset,
                         std::span<const Sum>(sums_).subspan(static_cast<std::size_t>(i), 1));
    }
  }

  const LocalTask& task_;
  const LocalShape& shape_;
  std::int64_t region_height_, region_width_;
  std::span<Sum> sums_;
};

}  // namespace

LocalShape LocalShape::make(const Shape& x, const Shape& filter, const Window2d& window) {
  check(window);
  require(x.rank() == 4, "the input has the shape ", x, " where {N,C,H,W} is expected");
  require(filter.rank() == 7, "the weight has the shape ", filter,
          " where {G,rows,columns,C/G,R,S,K/G} is expected");
  LocalShape shape{x[0],      x[1],      x[2],      x[3],      filter[0], filter[1], filter[2],
                   filter[3], filter[4], filter[5], filter[6], 0,         0};
  require(shape.groups >= 1 && shape.group_outputs >= 1 && shape.group_inputs >= 1,
          "a convolution with the weight ", filter, " has nothing to compute");
  require(shape.groups <= limits::kExtent / shape.group_outputs, "the weight ", filter,
          " gives too many output channels");
  require(shape.c % shape.groups == 0 && shape.c / shape.groups == shape.group_inputs,
          "the weight ", filter, " is not for ", shape.c, " input channels");
  shape.oh = window_positions(window, 0, shape.h, shape.r);
  shape.ow = window_positions(window, 1, shape.w, shape.s);
  const bool divides = shape.region_rows >= 1 && shape.region_columns >= 1 &&
                       shape.oh % shape.region_rows == 0 && shape.ow % shape.region_columns == 0;
  require(divides, "the weight ", filter, " does not divide the ", shape.oh, " x ", shape.ow,
          " output positions");
  return shape;
}

void run(const LocalTask& task) {
  if (task.output.epilogue == nullptr)
    return LocalConvolver<float, float, float, double>(task).run();
  with_byte_types(task.x.dtype(), task.w.dtype(), [&]<typename X, typename W>(X, W) {
    LocalConvolver<X, W, std::int16_t, std::int32_t>(task).run();
  });
}

}  // namespace octet
