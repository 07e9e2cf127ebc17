// Conversion of plain numbers that changes none of them.
#pragma once

#include <octet/tensor.hpp>
#include <optional>

namespace octet {

// True between integer types, between float types, from integers to floats and from a type to
// itself.
bool is_convertible(DType from, DType to) noexcept;

// The values of `source` in `type.dtype` (quantised types take stored integers); `type` has the
// source's shape. nullopt as soon as a value cannot be represented exactly; `culprit` then tells
// its index. Requires is_convertible().
std::optional<Tensor> convert_exact(const Tensor& source, const TensorType& type,
                                    std::size_t& culprit);

}  // namespace octet
