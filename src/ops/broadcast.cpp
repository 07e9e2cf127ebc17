#include <algorithm>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/elementwise.hpp"

namespace octet {

Shape broadcast(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.rank(), b.rank());
  // Extents of the shorter shape stand behind leading 1s.
  const auto extent = [rank](const Shape& shape, std::size_t axis) {
    const std::size_t missing = rank - shape.rank();
    return axis < missing ? 1 : shape[axis - missing];
  };
  Shape shape;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t from_a = extent(a, axis), from_b = extent(b, axis);
    if (from_a != from_b && from_a != 1 && from_b != 1)
      throw Error(StatusCode::invalid_model, concat("the shapes ", a.to_string(), " and ",
                                                    b.to_string(), " do not broadcast"));
    shape.push_back(from_a == 1 ? from_b : from_a);
  }
  return shape;
}

}  // namespace octet
