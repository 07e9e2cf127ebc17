#include "backends/cpu/conv_geometry.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace octet::cpu {

ConvGeometry shape_of(const Conv2d& op, const Shape& x, const Shape& w, const Shape& y) {
  ConvGeometry shape;
  shape.n = x[0], shape.c = x[1], shape.h = x[2], shape.w = x[3];
  shape.k = y[1], shape.oh = y[2], shape.ow = y[3];
  shape.r = w[2], shape.s = w[3];
  shape.groups = op.groups;
  shape.window = op.window;
  return shape;
}

WeightView view_of(const Tensor& w, bool flip) {
  const Shape& shape = w.shape();
  WeightView view;
  view.data = w.data();
  view.is_signed = w.dtype() == DType::s8;
  const Quant quant = w.type().quant.value_or(Quant{});
  view.zero_points = quant.zero_points.empty() ? std::vector<std::int32_t>{0} : quant.zero_points;
  view.stride_s = 1;
  view.stride_r = shape[3];
  view.stride_c = shape[2] * shape[3];
  view.stride_k = shape[1] * view.stride_c;
  if (flip) {
    view.data += view.stride_c - 1;
    view.stride_s = -view.stride_s;
    view.stride_r = -view.stride_r;
  }
  return view;
}

Verdict check_signed_bytes(const Tensor& w) {
  if (w.dtype() != DType::s8 && w.dtype() != DType::u8)
    return Verdict::refuse(concat("the weights are ", to_string(w.dtype()), ", not s8 or u8"));
  const Quant quant = w.type().quant.value_or(Quant{});
  if (w.dtype() == DType::s8 && quant.is_symmetric()) return Verdict::accept();
  // Zero points change along one axis, which need not be the first.
  const std::size_t channels = std::max<std::size_t>(quant.zero_points.size(), 1);
  std::size_t together = 1;
  for (std::size_t axis = w.shape().rank(); channels > 1 && axis-- > 0;) {
    if (static_cast<int>(axis) == quant.axis) break;
    together *= static_cast<std::size_t>(w.shape()[axis]);
  }
  for (std::size_t i = 0; i < w.bytes(); ++i) {
    const auto byte = std::to_integer<unsigned>(w.data()[i]);
    const int stored =
        w.dtype() == DType::s8 ? static_cast<std::int8_t>(byte) : static_cast<int>(byte);
    const int value = stored - quant.zero_point(i / together % channels);
    if (value < -128 || value > 127)
      return Verdict::refuse(
          concat("a weight without its zero point is ", value, ", outside [-128, 127]"));
  }
  return Verdict::accept();
}

}  // namespace octet::cpu
