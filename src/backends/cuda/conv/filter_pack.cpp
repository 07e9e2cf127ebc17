#include "backends/cuda/conv/filter_pack.hpp"

#include "ops/conv.hpp"

namespace octet::cuda {

Verdict check_symmetric_filter(const Problem& problem) {
  const TensorType& type = problem.inputs[1];
  if (problem.constants[1] == nullptr) return Verdict::refuse("the filter is not a constant");
  if (!type.is_quantised()) return Verdict::refuse("the filter is not quantised");
  const std::int32_t wanted = type.dtype == DType::u8 ? 128 : 0;
  if (type.dtype != DType::s8 && type.dtype != DType::u8)
    return Verdict::refuse("the filter has no 8-bit type");
  for (std::size_t k = 0; k < type.quant->zero_points.size() || k == 0; ++k)
    if (type.quant->zero_point(k) != wanted)
      return Verdict::refuse("the filter's zero point is not the middle of its range");
  return Verdict::accept();
}

std::vector<std::int32_t> Filter::sums() const {
  std::vector<std::int32_t> result(static_cast<std::size_t>(k), 0);
  const std::size_t each = values.size() / static_cast<std::size_t>(k);
  for (std::size_t i = 0; i < values.size(); ++i) result[i / each] += values[i];
  return result;
}

Filter read_filter(const Problem& problem) {
  const Tensor& tensor = *problem.constants[1];
  const Shape& shape = tensor.shape();
  const auto integer = [&](std::size_t axis) { return static_cast<int>(shape[axis]); };
  Filter filter{integer(0), integer(1), integer(2), integer(3), {}};
  const int shift = tensor.dtype() == DType::u8 ? 128 : 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(tensor.data());
  const std::size_t plane = static_cast<std::size_t>(filter.r) * static_cast<std::size_t>(filter.s);
  const bool flip = problem.as<Conv2d>()->flip_filter;
  filter.values.resize(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < filter.values.size(); ++i) {
    const std::size_t tap = i % plane;
    const std::size_t from = flip ? i - tap + (plane - 1 - tap) : i;
    const int value = shift != 0 ? bytes[from] - shift : static_cast<signed char>(bytes[from]);
    filter.values[i] = static_cast<std::int8_t>(value);
  }
  return filter;
}

}  // namespace octet::cuda
