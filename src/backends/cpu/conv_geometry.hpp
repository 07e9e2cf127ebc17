// A convolution as the kernels see it: extents, and the weights as signed bytes.
#pragma once

#include "kernels/kernel.hpp"
#include "ops/conv.hpp"

namespace octet::cpu {

// Extents of one convolution. `c` and `k` count all groups.
struct ConvGeometry {
  std::int64_t n = 1, c = 1, h = 1, w = 1;  // input
  std::int64_t k = 1, oh = 1, ow = 1;       // output
  std::int64_t r = 1, s = 1;                // filter
  std::int64_t groups = 1;
  Window2d window;

  std::int64_t c_per_group() const noexcept { return c / groups; }
  std::int64_t k_per_group() const noexcept { return k / groups; }
  bool has_padding() const noexcept { return window.pad != std::array<std::int64_t, 4>{}; }
};

ConvGeometry shape_of(const Conv2d& op, const Shape& x, const Shape& w, const Shape& y);

// Constant weights w - zero point, each of which fits a signed byte. Strides are in elements; `c`
// is the channel within its group.
struct WeightView {
  const std::byte* data = nullptr;
  bool is_signed = true;
  std::vector<std::int32_t> zero_points;  // one, or one per output channel
  std::int64_t stride_k = 0, stride_c = 0, stride_r = 0, stride_s = 0;

  int at(std::int64_t offset, std::int64_t k) const noexcept {
    const auto byte = std::to_integer<unsigned>(data[offset]);
    const int stored = is_signed ? static_cast<std::int8_t>(byte) : static_cast<int>(byte);
    return stored - zero_points[zero_points.size() == 1 ? 0 : static_cast<std::size_t>(k)];
  }
};

// The filter {K,C/G,R,S} of a convolution; `flip` turns it by 180 degrees.
WeightView view_of(const Tensor& w, bool flip);

// Why these weights cannot be signed bytes after their zero points are taken off, or accept().
Verdict check_signed_bytes(const Tensor& w);

}  // namespace octet::cpu
