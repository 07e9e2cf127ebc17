#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

Strides strides_of(const TensorType& type) {
  TensorType four = type;
  if (type.shape.rank() < 4) {
    Shape shape{1, 1, 1, 1};
    for (std::size_t i = 0; i < type.shape.rank(); ++i)
      shape[4 - type.shape.rank() + i] = type.shape[i];
    four.shape = shape;
    four.layout = kNCHW;
  }
  const std::int64_t vector = four.layout.vector;
  return {offset_of(four, 1, 0, 0, 0), offset_of(four, 0, vector, 0, 0),
          offset_of(four, 0, 0, 1, 0), offset_of(four, 0, 0, 0, 1), static_cast<int>(vector)};
}

}  // namespace octet::cuda
