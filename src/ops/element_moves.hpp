// Copies elements of any size from places that per-axis tables name: the common ground of the
// operators that move elements.
#pragma once

#include <span>
#include <vector>

#include "ir/op.hpp"

namespace octet {

// For each axis of the output and each index along it, how far into the source it leads, in
// elements; the element's offset is the sum over the axes. kFill: there is no source element.
using OffsetTable = std::vector<std::vector<std::int64_t>>;
inline constexpr std::int64_t kFill = -1;

// Row-major strides in elements.
std::vector<std::int64_t> strides_of(const Shape& shape);

// {first, first + step, ...} * stride.
std::vector<std::int64_t> regular_offsets(std::int64_t count, std::int64_t first, std::int64_t step,
                                          std::int64_t stride);

// For an output of shape `to` that repeats a value of shape `from`, as numpy broadcasts it.
OffsetTable broadcast_table(const Shape& from, const Shape& to);

// out[i] = x[offset(i)], or `fill` (one element's bytes) where there is no source element.
// Every offset must lie inside x. Throws Error(invalid_input) when the table does not have as many
// elements as the output.
void gather_by_offsets(const ConstView& x, const View& out, const OffsetTable& table,
                       const std::byte* fill = nullptr);

// out[offset(i)] = x[i]. Throws Error(invalid_input) when the table does not have as many elements
// as x.
void scatter_by_offsets(const ConstView& x, const View& out, const OffsetTable& table);

// The same bytes.
void copy_bytes(const ConstView& x, const View& out);

}  // namespace octet
