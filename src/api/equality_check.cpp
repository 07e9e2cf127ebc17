#include <algorithm>
#include <cmath>
#include <limits>
#include <octet/equality_check.hpp>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/elements.hpp"

namespace octet {

float equality_error(const Tensor& expect, const Tensor& got) {
  if (!(expect.shape() == got.shape()) || expect.dtype() != got.dtype())
    throw Error(StatusCode::invalid_argument, concat("cannot compare ", expect.type().to_string(),
                                                     " with ", got.type().to_string()));
  float largest = 0.0f;
  with_storage(expect.dtype(), [&]<typename T>(std::type_identity<T>) {
    const auto expected = expect.values<T>(), values = got.values<T>();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto e = static_cast<float>(expected[i]), g = static_cast<float>(values[i]);
      const float error = std::abs(e - g) / std::max(std::min(std::abs(e), std::abs(g)), 1.0f);
      // NaN is larger than everything: it must not get lost in a maximum.
      if (std::isnan(error) || error > largest) largest = error;
      if (std::isnan(largest)) return;
    }
  });
  return largest;
}

}  // namespace octet
