// A convolution written from the definition alone: one output at a time, 64-bit sums, padding as an
// explicit zero point. It shares no code with the operators it judges.
#pragma once

#include <cstdint>

#include "ops/conv.hpp"

namespace octet::testing {

inline std::int64_t stored(const Tensor& t, std::int64_t i) {
  if (t.dtype() == DType::u8) return t.values<std::uint8_t>()[static_cast<std::size_t>(i)];
  return t.values<std::int8_t>()[static_cast<std::size_t>(i)];
}

// The exact sum of (x - zx) * (w - zw) behind one output.
inline std::int64_t naive_sum(const Conv2d& op, const Tensor& x, const Tensor& w, std::int64_t n,
                              std::int64_t k, std::int64_t oh, std::int64_t ow) {
  const Shape &xs = x.shape(), &ws = w.shape();
  const std::int64_t zx = x.type().quant ? x.type().quant->zero_point() : 0;
  const std::int64_t zw =
      w.type().quant ? w.type().quant->zero_point(static_cast<std::size_t>(k)) : 0;
  const std::int64_t first_channel = k / (ws[0] / op.groups) * ws[1];
  std::int64_t sum = 0;
  for (std::int64_t c = 0; c < ws[1]; ++c)
    for (std::int64_t r = 0; r < ws[2]; ++r)
      for (std::int64_t s = 0; s < ws[3]; ++s) {
        const std::int64_t h =
            oh * op.window.stride[0] + r * op.window.dilation[0] - op.window.pad[0];
        const std::int64_t v =
            ow * op.window.stride[1] + s * op.window.dilation[1] - op.window.pad[1];
        const bool inside = h >= 0 && h < xs[2] && v >= 0 && v < xs[3];
        const std::int64_t value =
            inside ? stored(x, ((n * xs[1] + first_channel + c) * xs[2] + h) * xs[3] + v) : zx;
        const std::int64_t fr = op.flip_filter ? ws[2] - 1 - r : r;
        const std::int64_t fs = op.flip_filter ? ws[3] - 1 - s : s;
        sum += (value - zx) * (stored(w, ((k * ws[1] + c) * ws[2] + fr) * ws[3] + fs) - zw);
      }
  return sum;
}

}  // namespace octet::testing
