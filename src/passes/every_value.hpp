// Tries conversions out on all values that a quantised type can hold.
#pragma once

#include <optional>
#include <span>

#include "ops/convert.hpp"

namespace octet {

// Each channel's 256 stored values (16 for types of four bits) in a row, with the scales of `type`
// along axis 0; nothing for types of more than eight bits or without quantisation.
std::optional<Tensor> every_value(const TensorType& type);

// `values` of every_value() after these conversions, whose scales vary along the axis of `type`'s
// or not at all.
Tensor convert_all(const Tensor& values, std::span<const Convert* const> conversions);

// True where both hold the same bytes.
bool same_bytes(const Tensor& a, const Tensor& b);

// True where a conversion to the type of its operand changes none of the values it can hold.
bool is_identity(const Convert& conversion, const TensorType& x);

}  // namespace octet
