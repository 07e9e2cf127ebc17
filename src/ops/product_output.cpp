#include "ops/product_output.hpp"

namespace octet {

void ProductOutput::store(std::int64_t k, std::int64_t offset,
                          std::span<const std::int32_t> sums) const {
  const bool has_z = z.data != nullptr;
  const auto bytes = static_cast<std::int64_t>(size_of(y.dtype()));
  apply_row(*epilogue, static_cast<std::size_t>(k), sums, has_z ? z.dtype() : DType::s8,
            has_z ? z.data + offset : nullptr, y.dtype(), y.data + offset * bytes);
}

void ProductOutput::store(std::int64_t k, std::int64_t offset, std::span<const double> sums) const {
  const float shift = bias.data != nullptr ? bias.as<float>()[k] : 0.0f;
  const float* residual = z.data != nullptr ? z.as<float>() + offset : nullptr;
  float* to = y.as<float>() + offset;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const float v = static_cast<float>(sums[i]) + shift;
    to[i] = activate(activation, residual != nullptr ? v + residual[i] : v);
  }
}

}  // namespace octet
