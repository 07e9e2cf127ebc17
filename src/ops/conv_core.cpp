#include "ops/conv_core.hpp"

#include <algorithm>

#include "ops/product.hpp"
#include "ops/require.hpp"
#include "ops/scratch.hpp"

namespace octet {
namespace {

// For one image and group the taps of a block of output positions are gathered side by side
// ([tap][position]), so that each output channel runs along them with unit stride, whatever the
// stride, padding and dilation were. A block stays within a level 2 cache.
constexpr std::int64_t kBlockBytes = 256 * 1024;
constexpr std::int64_t kShortestBlock = 32;
constexpr std::int64_t kLongestBlock = 512;

// Integers: zero points are taken away while gathering, so padding is 0.
template <typename X, typename W>
struct IntegerKind {
  using Input = X;
  using Filter = W;
  using Tap = std::int16_t;
  using Sum = std::int32_t;
};
struct FloatKind {
  using Input = float;
  using Filter = float;
  using Tap = float;
  using Sum = double;
};

template <typename Kind>
class Convolver {
 public:
  using Tap = typename Kind::Tap;
  using Sum = typename Kind::Sum;

  explicit Convolver(const ConvTask& task)
      : task_(task),
        shape_(task.shape),
        positions_(shape_.oh * shape_.ow),
        block_(std::clamp(
            kBlockBytes / std::max<std::int64_t>(shape_.taps() * std::int64_t{sizeof(Tap)}, 1),
            kShortestBlock, kLongestBlock)),
        taps_(scratch<Tap, 0>(static_cast<std::size_t>(shape_.taps() * block_))),
        filter_(scratch<Tap, 1>(static_cast<std::size_t>(shape_.taps()))),
        sums_(scratch<Sum, 2>(static_cast<std::size_t>(block_))) {}

  void run() {
    for (std::int64_t n = 0; n < shape_.n; ++n)
      for (std::int64_t g = 0; g < shape_.groups; ++g)
        for (std::int64_t first = 0; first < positions_; first += block_)
          run_block(n, g, first, std::min(block_, positions_ - first));
  }

 private:
  void run_block(std::int64_t n, std::int64_t g, std::int64_t first, std::int64_t count) {
    gather(n, g, first, count);
    for (std::int64_t i = 0; i < shape_.group_outputs(); ++i) {
      const std::int64_t k = g * shape_.group_outputs() + i;
      load_filter(n, k);
      std::fill_n(sums_.begin(), count, Sum{});
      for (std::int64_t t = 0; t < shape_.taps(); ++t) {
        const Tap w = filter_[static_cast<std::size_t>(t)];
        const Tap* taps = taps_.data() + t * block_;
        for (std::int64_t p = 0; p < count; ++p)
          add_product(sums_[static_cast<std::size_t>(p)], w, taps[p]);
      }
      const std::span<const Sum> sums = sums_.first(static_cast<std::size_t>(count));
      task_.output.store(k, (n * shape_.k + k) * positions_ + first, sums);
    }
  }

  void gather(std::int64_t n, std::int64_t g, std::int64_t first, std::int64_t count) {
    const auto* x = task_.x.as<typename Kind::Input>();
    x += (n * shape_.c + g * shape_.group_inputs()) * shape_.h * shape_.w;
    const Tap zero = static_cast<Tap>(quant_of(*task_.x.type).zero_point());
    Tap* to = taps_.data();
    for (std::int64_t c = 0; c < shape_.group_inputs(); ++c, x += shape_.h * shape_.w)
      for (std::int64_t r = 0; r < shape_.r; ++r)
        for (std::int64_t s = 0; s < shape_.s; ++s, to += block_)
          gather_tap(x, zero, r, s, first, count, to);
  }

  // What filter position (r, s) sees of one channel at `count` output positions.
  void gather_tap(const typename Kind::Input* x, Tap zero, std::int64_t r, std::int64_t s,
                  std::int64_t first, std::int64_t count, Tap* to) const {
    const Window2d& window = task_.window;
    std::int64_t oh = first / shape_.ow, ow = first % shape_.ow;
    while (count > 0) {
      const std::int64_t length = std::min(count, shape_.ow - ow);
      const std::int64_t h = oh * window.stride[0] - window.pad[0] + r * window.dilation[0];
      std::int64_t w = ow * window.stride[1] - window.pad[1] + s * window.dilation[1];
      if (h < 0 || h >= shape_.h) {
        std::fill_n(to, length, Tap{});
      } else {
        const auto* row = x + h * shape_.w;
        for (std::int64_t p = 0; p < length; ++p, w += window.stride[1])
          to[p] = w >= 0 && w < shape_.w ? static_cast<Tap>(row[w] - zero) : Tap{};
      }
      to += length;
      count -= length;
      ++oh;
      ow = 0;
    }
  }

  void load_filter(std::int64_t n, std::int64_t k) {
    const std::int64_t filter = task_.filter_per_image ? n * shape_.k + k : k;
    const auto* w = task_.w.as<typename Kind::Filter>() + filter * shape_.taps();
    const Tap zero =
        static_cast<Tap>(quant_of(*task_.w.type).zero_point(static_cast<std::size_t>(k)));
    std::transform(w, w + shape_.taps(), filter_.begin(),
                   [zero](auto value) { return static_cast<Tap>(value - zero); });
    if (!task_.flip_filter) return;
    const std::int64_t plane = shape_.r * shape_.s;
    for (std::int64_t t = 0; t < shape_.taps(); t += plane)
      std::reverse(filter_.begin() + t, filter_.begin() + t + plane);
  }

  const ConvTask& task_;
  const ConvShape& shape_;
  std::int64_t positions_, block_;
  std::span<Tap> taps_, filter_;
  std::span<Sum> sums_;
};

}  // namespace

ConvShape ConvShape::make(const Shape& x, const Shape& filter, std::int64_t groups,
                          const Window2d& window) {
  check(window);
  require(x.rank() == 4, "the input has the shape ", x, " where {N,C,H,W} is expected");
  require(filter.rank() == 4, "the weight has the shape ", filter,
          " where {K,C/G,R,S} is expected");
  ConvShape shape{x[0], x[1], x[2], x[3], filter[0], filter[2], filter[3], groups, 0, 0};
  require(shape.c >= 1 && shape.k >= 1, "a convolution of ", shape.c, " input and ", shape.k,
          " output channels has nothing to compute");
  require(groups >= 1 && shape.c % groups == 0 && shape.k % groups == 0, groups,
          " groups do not divide ", shape.c, " input and ", shape.k, " output channels");
  require(filter[1] == shape.group_inputs(), "the weight ", filter, " has ", filter[1],
          " input channels where the input has ", shape.group_inputs(), " per group");
  shape.oh = window_positions(window, 0, shape.h, shape.r);
  shape.ow = window_positions(window, 1, shape.w, shape.s);
  return shape;
}

void run(const ConvTask& task) {
  if (task.output.epilogue == nullptr) return Convolver<FloatKind>(task).run();
  with_byte_types(task.x.dtype(), task.w.dtype(),
                  [&]<typename X, typename W>(X, W) { Convolver<IntegerKind<X, W>>(task).run(); });
}

void run_integers(const Conv2d& op, ConvTask task) {
  const ConstView &bias = task.output.bias, &z = task.output.z;
  thread_local Epilogue epilogue;  // kept for its memory
  epilogue =
      make_epilogue(op, task.shape.k, quant_of(*task.x.type), quant_of(*task.w.type),
                    bias.data != nullptr ? &bias : nullptr,
                    z.data != nullptr ? &quant_of(*z.type) : nullptr, {}, std::move(epilogue));
  task.output.epilogue = &epilogue;
  run(task);
}

}  // namespace octet
