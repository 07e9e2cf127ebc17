#include "backends/cuda/conv/filter_pack.hpp"

#include <algorithm>
#include <numeric>

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
  std::vector<std::int32_t> result;
  const auto each = k == 0 ? 0 : static_cast<std::ptrdiff_t>(values.size()) / k;
  for (int i = 0; i < k; ++i)
    result.push_back(
        std::accumulate(values.begin() + i * each, values.begin() + (i + 1) * each, 0));
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
  const auto count = static_cast<std::size_t>(shape.elements());
  filter.values.resize(count);
  // Of u8 the shift by 128 is what makes a signed byte of it.
  std::transform(bytes, bytes + count, filter.values.begin(), [shift](unsigned char byte) {
    return static_cast<std::int8_t>(static_cast<unsigned char>(byte - shift));
  });
  if (flip)
    for (std::size_t at = 0; at < count; at += plane)
      std::reverse(filter.values.begin() + static_cast<std::ptrdiff_t>(at),
                   filter.values.begin() + static_cast<std::ptrdiff_t>(at + plane));
  return filter;
}

}  // namespace octet::cuda
