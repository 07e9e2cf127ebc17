#include "backends/cuda/common/padding.hpp"

namespace octet::cuda {

PaddingParams padding_of(const TensorType& type) {
  PaddingParams p{};
  if (type.shape.rank() != 4) return p;
  const auto extent = [&](std::size_t axis) { return static_cast<int>(type.shape[axis]); };
  const int vector = type.layout.vector;
  p.n = extent(0);
  p.c = extent(1);
  p.padded_c = (p.c + vector - 1) / vector * vector;
  p.h = extent(2);
  p.w = extent(3);
  p.to = strides_of(type);
  p.element_bytes = static_cast<int>(size_of(type.dtype));
  p.fill = type.quant ? type.quant->zero_point() : 0;
  return p;
}

}  // namespace octet::cuda
