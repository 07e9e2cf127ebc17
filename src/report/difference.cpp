#include "report/difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/elements.hpp"

namespace octet {
namespace {

template <typename T>
void compare(std::span<const T> a, std::span<const T> b, bool is_real, Difference& result) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    ++result.different;
    double distance = std::abs(x - y);
    if (std::isnan(distance)) distance = std::numeric_limits<double>::infinity();
    result.agrees = result.agrees && is_real && distance <= 1e-6 + 1e-4 * std::abs(x);
    result.largest = std::max(result.largest, distance);
    result.largest_relative =
        std::max(result.largest_relative, distance / std::max(std::abs(x), std::abs(y)));
  }
}

}  // namespace

double Difference::share() const noexcept {
  return elements == 0 ? 0.0 : static_cast<double>(different) / static_cast<double>(elements);
}

std::string Difference::to_string(const TensorType& type) const {
  if (equal()) return "equal";
  std::string text = concat("at most ", largest);
  if (type.is_quantised()) text += largest == 1.0 ? " step" : " steps";
  else if (is_float(type.dtype)) text += concat(" (relative ", largest_relative, ")");
  return text + concat(", ", 100.0 * share(), "% differ");
}

Difference difference(const Tensor& a, const Tensor& b) {
  if (!(a.type() == b.type()))
    throw Error(StatusCode::invalid_argument,
                concat("cannot compare ", a.type().to_string(), " with ", b.type().to_string()));
  Difference result;
  result.elements = static_cast<std::size_t>(a.shape().elements());
  with_storage(a.dtype(), [&]<typename T>(std::type_identity<T>) {
    compare(a.values<T>(), b.values<T>(), is_float(a.dtype()), result);
  });
  return result;
}

}  // namespace octet
