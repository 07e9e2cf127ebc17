#include "backends/cpu/vector_kernels.hpp"

namespace octet::cpu {

ByteScale ByteScale::of(const TensorType& type) {
  ByteScale scale;
  scale.is_signed = type.dtype == DType::s8;
  if (!type.quant) return scale;
  scale.zero = static_cast<float>(type.quant->zero_point());
  scale.scale = type.quant->scale();
  return scale;
}

}  // namespace octet::cpu
