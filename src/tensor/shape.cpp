#include <algorithm>

#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include "base/checked.hpp"
#include "base/format.hpp"

namespace octet {

namespace {
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
}

Shape::Shape(std::span<const std::int64_t> extents) {
  if (extents.size() > kMaxRank)
    throw Error(StatusCode::unsupported,
                concat("a shape of rank ", extents.size(), " is above the limit of ", kMaxRank));
  for (const std::int64_t extent : extents)
    if (extent < 0)
      throw Error(StatusCode::invalid_argument, concat("a shape has the negative extent ", extent));
  std::copy(extents.begin(), extents.end(), extents_.begin());
  rank_ = extents.size();
}

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

std::int64_t Shape::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : *this) count = checked_mul(count, extent);
  if (count > kMostElements)
    throw Error(StatusCode::resource_exhausted,
                concat("a value of shape ", to_string(), " is too large"));
  return count;
}

void Shape::push_back(std::int64_t extent) {
  if (rank_ == kMaxRank)
    throw Error(StatusCode::unsupported, concat("a shape has more than ", kMaxRank, " axes"));
  extents_[rank_++] = extent;
}

bool operator==(const Shape& a, const Shape& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::string Shape::to_string() const { return concat("{", join(extents(), ","), "}"); }

}  // namespace octet
