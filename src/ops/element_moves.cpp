#include "ops/element_moves.hpp"

#include <cstring>
#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet {
namespace {

// A table in which trailing axes that are dense in the source are folded into one block.
struct Walk {
  std::vector<const std::vector<std::int64_t>*> axes;
  std::int64_t block = 1;  // elements that stay together
};

bool is_dense(const std::vector<std::int64_t>& offsets, std::int64_t stride) {
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i] != static_cast<std::int64_t>(i) * stride) return false;
  return true;
}

// Operands that decide a shape are read again when the operator runs; they must not have changed
// since inference, or elements would land outside of the output.
void require_fit(const OffsetTable& table, const Shape& shape) {
  std::int64_t count = 1;
  for (const std::vector<std::int64_t>& offsets : table)
    count *= static_cast<std::int64_t>(offsets.size());
  if (count != shape.elements())
    throw Error(StatusCode::invalid_input,
                concat("the operands ask for ", count, " elements where the result has the shape ",
                       shape.to_string()));
}

Walk fold(const OffsetTable& table) {
  Walk walk;
  std::size_t rank = table.size();
  while (rank > 0 && is_dense(table[rank - 1], walk.block))
    walk.block *= static_cast<std::int64_t>(table[--rank].size());
  for (std::size_t axis = 0; axis < rank; ++axis) walk.axes.push_back(&table[axis]);
  return walk;
}

// Calls f(offset) for each block in row-major order of the indices.
template <typename F>
void for_each_block(const Walk& walk, std::size_t axis, std::int64_t base, const F& f) {
  if (axis == walk.axes.size()) return f(base);
  const bool last = axis + 1 == walk.axes.size();
  for (const std::int64_t offset : *walk.axes[axis]) {
    const std::int64_t next = base == kFill || offset == kFill ? kFill : base + offset;
    if (last) f(next);
    else for_each_block(walk, axis + 1, next, f);
  }
}

// memcpy with a size that the compiler knows for the usual elements.
template <std::size_t Size>
struct FixedCopy {
  static constexpr std::size_t size() { return Size; }
  static void copy(std::byte* to, const std::byte* from) { std::memcpy(to, from, Size); }
};
struct AnyCopy {
  std::size_t bytes;
  std::size_t size() const { return bytes; }
  void copy(std::byte* to, const std::byte* from) const { std::memcpy(to, from, bytes); }
};

template <typename F>
void with_block_copy(std::size_t bytes, const F& f) {
  switch (bytes) {
    case 1: return f(FixedCopy<1>{});
    case 2: return f(FixedCopy<2>{});
    case 4: return f(FixedCopy<4>{});
    case 8: return f(FixedCopy<8>{});
    default: return f(AnyCopy{bytes});
  }
}

}  // namespace

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.rank());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

std::vector<std::int64_t> regular_offsets(std::int64_t count, std::int64_t first, std::int64_t step,
                                          std::int64_t stride) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(count));
  std::int64_t index = first;
  for (std::int64_t& offset : offsets) {
    offset = index * stride;
    index += step;
  }
  return offsets;
}

OffsetTable broadcast_table(const Shape& from, const Shape& to) {
  const std::vector<std::int64_t> strides = strides_of(from);
  const std::size_t added = to.rank() - from.rank();
  OffsetTable table;
  for (std::size_t axis = 0; axis < to.rank(); ++axis) {
    const bool repeats = axis < added || from[axis - added] == 1;
    table.push_back(regular_offsets(to[axis], 0, 1, repeats ? 0 : strides[axis - added]));
  }
  return table;
}

void gather_by_offsets(const ConstView& x, const View& out, const OffsetTable& table,
                       const std::byte* fill) {
  require_fit(table, out.shape());
  if (out.shape().elements() == 0) return;
  const Walk walk = fold(table);
  const std::size_t element = size_of(x.dtype());
  const auto block = static_cast<std::size_t>(walk.block);
  with_block_copy(element * block, [&](const auto& copier) {
    std::byte* to = out.data;
    for_each_block(walk, 0, 0, [&](std::int64_t offset) {
      if (offset != kFill) copier.copy(to, x.data + static_cast<std::size_t>(offset) * element);
      else
        for (std::size_t i = 0; i < block; ++i) std::memcpy(to + i * element, fill, element);
      to += copier.size();
    });
  });
}

void scatter_by_offsets(const ConstView& x, const View& out, const OffsetTable& table) {
  require_fit(table, x.shape());
  if (x.shape().elements() == 0) return;
  const Walk walk = fold(table);
  const std::size_t element = size_of(x.dtype());
  with_block_copy(element * static_cast<std::size_t>(walk.block), [&](const auto& copier) {
    const std::byte* from = x.data;
    for_each_block(walk, 0, 0, [&](std::int64_t offset) {
      copier.copy(out.data + static_cast<std::size_t>(offset) * element, from);
      from += copier.size();
    });
  });
}

void copy_bytes(const ConstView& x, const View& out) {
  const auto bytes = static_cast<std::size_t>(x.shape().elements()) * size_of(x.dtype());
  if (bytes > 0) std::memcpy(out.data, x.data, bytes);
}

}  // namespace octet
