#include "passes/every_value.hpp"

#include <cstring>

namespace octet {
namespace {

// The scales of a type, along axis 0 where they vary.
std::optional<Quant> along_rows(std::optional<Quant> quant) {
  if (quant) quant->axis = quant->is_per_tensor() ? -1 : 0;
  return quant;
}

}  // namespace

std::optional<Tensor> every_value(const TensorType& type) {
  if (!type.quant || !is_integer(type.dtype) || size_of(type.dtype) != 1) return std::nullopt;
  const IntegerRange range = integer_range(type.dtype);
  const std::int64_t count = range.highest - range.lowest + 1;
  const auto channels = static_cast<std::int64_t>(type.quant->scales.size());
  Tensor values(TensorType{type.dtype, Shape{channels, count}, kNCHW, along_rows(type.quant)});
  for (std::int64_t i = 0; i < channels * count; ++i)
    values.mutable_data()[i] = static_cast<std::byte>(range.lowest + i % count);
  return values;
}

Tensor convert_all(const Tensor& values, std::span<const Convert* const> conversions) {
  Tensor result = values;
  for (const Convert* conversion : conversions) {
    Convert op = *conversion;
    op.output.quant = along_rows(op.output.quant);
    const Tensor* known = &result;
    Tensor converted(op.infer({{&result.type(), 1}, {&known, 1}}).front());
    const ConstView input(result);
    const View output(converted);
    op.compute({&input, 1}, {&output, 1});
    result = std::move(converted);
  }
  return result;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

bool is_identity(const Convert& conversion, const TensorType& x) {
  if (conversion.output.dtype != x.dtype || conversion.output.quant != x.quant) return false;
  const std::optional<Tensor> values = every_value(x);
  const Convert* only = &conversion;
  return values && same_bytes(convert_all(*values, {&only, 1}), *values);
}

}  // namespace octet
