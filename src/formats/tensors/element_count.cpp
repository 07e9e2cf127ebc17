#include "formats/tensors/element_count.hpp"

#include <algorithm>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet {

std::int64_t element_count(const Shape& shape, const std::string& where) {
  std::int64_t most = 1, count = 1;
  for (const std::int64_t extent : shape) {
    const std::int64_t counted = std::max<std::int64_t>(extent, 1);
    if (most > limits::kElements / counted)
      throw Error(StatusCode::resource_exhausted,
                  concat("the shape ", shape.to_string(), " has more than ", limits::kElements,
                         " elements"),
                  where);
    most *= counted;
    count *= extent;
  }
  return count;
}

}  // namespace octet
