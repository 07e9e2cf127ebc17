// Indices that are computed while the model runs.
#pragma once

#include <vector>

#include "ir/op.hpp"

namespace octet {

// Throws Error(invalid_model) unless the type is s32 or s64 without quantisation.
void require_index_type(const TensorType& indices);

// Element i of s32 or s64 indices, counted from the front of an axis of this extent.
// Throws Error(invalid_input) when it lies outside.
std::int64_t read_index(const ConstView& indices, std::int64_t i, std::int64_t extent);

// All elements, in row-major order.
std::vector<std::int64_t> read_indices(const ConstView& indices, std::int64_t extent);

}  // namespace octet
