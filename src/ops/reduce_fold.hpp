// How each reduction accumulates, whoever walks over the elements.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "ops/elementwise_functions.hpp"

namespace octet {

enum class ReduceMode : std::uint8_t {
  sum,
  mean,
  max,
  min,
  product,
  sum_square,
  l1,
  l2,
  log_sum,
  log_sum_exp
};

// Gives fold(start, step): what the mode accumulates, from `start` on, by step(accumulator,
// element, its output), but for what finish_reduction() does. T is double, std::int64_t or
// std::uint64_t. Not for log_sum_exp.
template <typename T, typename Fold>
OCTET_DEVICE auto accumulate(ReduceMode mode, Fold&& fold) {
  using detail::add, detail::multiply;
  using Limits = std::numeric_limits<T>;
  switch (mode) {
    case ReduceMode::max:
      return fold(Limits::has_infinity ? -Limits::infinity() : Limits::lowest(),
                  [](T a, T v, std::size_t) { return detail::greater_of(a, v); });
    case ReduceMode::min:
      return fold(Limits::has_infinity ? Limits::infinity() : Limits::max(),
                  [](T a, T v, std::size_t) { return detail::smaller_of(a, v); });
    case ReduceMode::product:
      return fold(T{1}, [](T a, T v, std::size_t) { return multiply(a, v); });
    case ReduceMode::sum_square:
    case ReduceMode::l2:
      return fold(T{0}, [](T a, T v, std::size_t) { return add(a, multiply(v, v)); });
    case ReduceMode::l1:
      return fold(T{0}, [](T a, T v, std::size_t) { return add(a, detail::absolute(v)); });
    default: return fold(T{0}, [](T a, T v, std::size_t) { return add(a, v); });
  }
}

// From an accumulator of `count` elements to the result.
template <typename T>
OCTET_DEVICE T finish_reduction(ReduceMode mode, T result, T count) noexcept {
  if (mode == ReduceMode::mean) return count == T{0} ? T{0} : result / count;
  if constexpr (std::is_same_v<T, double>) {
    if (mode == ReduceMode::l2) return std::sqrt(result);
    if (mode == ReduceMode::log_sum) return std::log(result);
  }
  return result;
}

// log(sum exp(v)) = m + log(sum exp(v - m)) with the largest v for m, so that nothing overflows;
// an infinite m is replaced, since inf - inf would be NaN.
OCTET_DEVICE inline double finite_shift(double m) noexcept { return std::isinf(m) ? 0.0 : m; }

}  // namespace octet
