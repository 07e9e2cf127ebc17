// The function behind each elementwise mode, for float, double, std::int64_t and std::uint64_t.
//
// with_function() hands the caller a callable of one to four operands; choosing it once per run of
// elements keeps the choice out of the inner loop. Integers wrap around; dividing by zero gives 0.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "ops/elementwise_mode.hpp"
#include "ops/scalar_functions.hpp"

namespace octet::detail {

template <typename T>
inline constexpr bool kIsFloat = std::is_floating_point_v<T>;

template <typename T>
OCTET_DEVICE T wrap(std::uint64_t bits) noexcept {
  return static_cast<T>(bits);
}
template <typename T>
OCTET_DEVICE std::uint64_t bits_of(T value) noexcept {
  return static_cast<std::uint64_t>(value);
}

template <typename T>
OCTET_DEVICE bool is_negative(T a) noexcept {
  if constexpr (std::is_unsigned_v<T>) return false;
  else return a < T{0};
}

template <typename T>
OCTET_DEVICE T add(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) return a + b;
  else return wrap<T>(bits_of(a) + bits_of(b));
}

template <typename T>
OCTET_DEVICE T subtract(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) return a - b;
  else return wrap<T>(bits_of(a) - bits_of(b));
}

template <typename T>
OCTET_DEVICE T multiply(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) return a * b;
  else return wrap<T>(bits_of(a) * bits_of(b));
}

template <typename T>
OCTET_DEVICE T negate(T a) noexcept {
  if constexpr (kIsFloat<T>) return -a;
  else return subtract(T{0}, a);
}

template <typename T>
OCTET_DEVICE T absolute(T a) noexcept {
  if constexpr (kIsFloat<T>) return std::abs(a);
  else return is_negative(a) ? negate(a) : a;
}

// Towards zero.
template <typename T>
OCTET_DEVICE T divide(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) return a / b;
  else if (b == T{0}) return T{0};
  else if (std::is_signed_v<T> && b == wrap<T>(~std::uint64_t{0})) return negate(a);
  else return a / b;
}

// The rest of divide(): the sign of the dividend.
template <typename T>
OCTET_DEVICE T remainder(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) return std::fmod(a, b);
  else if (b == T{0}) return T{0};
  else return subtract(a, multiply(divide(a, b), b));
}

template <typename T>
OCTET_DEVICE T floor_divide(T a, T b) noexcept {
  if constexpr (kIsFloat<T>) {
    return std::floor(a / b);
  } else {
    const T quotient = divide(a, b), rest = remainder(a, b);
    return rest != T{0} && (is_negative(rest) != is_negative(b)) ? subtract(quotient, T{1})
                                                                 : quotient;
  }
}

// Integers: the sign of the divisor. Floats: fmod, which is what MegEngine's MOD does on them.
template <typename T>
OCTET_DEVICE T modulo(T a, T b) noexcept {
  const T rest = remainder(a, b);
  if constexpr (kIsFloat<T>) return rest;
  else return rest != T{0} && (is_negative(rest) != is_negative(b)) ? add(rest, b) : rest;
}

template <typename T>
OCTET_DEVICE T power(T base, T exponent) noexcept {
  if constexpr (kIsFloat<T>) {
    return std::pow(base, exponent);
  } else {
    if (is_negative(exponent)) {  // 1 / base^|exponent|, towards zero
      if (base == T{1}) return base;
      return absolute(base) == T{1} ? (bits_of(exponent) % 2 == 0 ? T{1} : base) : T{0};
    }
    T result{1};
    for (std::uint64_t left = bits_of(exponent); left != 0; left >>= 1) {
      if (left % 2 != 0) result = multiply(result, base);
      base = multiply(base, base);
    }
    return result;
  }
}

// NaN if one of them is.
template <typename T>
OCTET_DEVICE T greater_of(T a, T b) noexcept {
  return a > b || a != a ? a : b;
}
template <typename T>
OCTET_DEVICE T smaller_of(T a, T b) noexcept {
  return a < b || a != a ? a : b;
}

// From a float attribute; integers saturate.
template <typename T>
OCTET_DEVICE T attribute(float value) noexcept {
  if constexpr (kIsFloat<T>) {
    return static_cast<T>(value);
  } else {
    if (!(value > static_cast<float>(std::numeric_limits<T>::lowest())))
      return std::numeric_limits<T>::lowest();
    if (value >= static_cast<float>(std::numeric_limits<T>::max()))
      return std::numeric_limits<T>::max();
    return static_cast<T>(value);
  }
}

template <typename T>
OCTET_DEVICE T truth(bool value) noexcept {
  return value ? T{1} : T{0};
}

// Modes of integers only. An amount outside 0..63 shifts everything out.
template <typename T, typename Visit>
OCTET_DEVICE void with_shift(const ElementwiseFunction& op, Visit&& visit) {
  if (op.mode == ElementwiseMode::shift_left)
    return visit(
        [](T a, T b) { return bits_of(b) < 64 ? wrap<T>(bits_of(a) << bits_of(b)) : T{0}; });
  return visit([](T a, T b) {
    if (bits_of(b) < 64) return static_cast<T>(a >> bits_of(b));
    return is_negative(a) ? negate(T{1}) : T{0};
  });
}

// Modes of floats only.
template <typename T, typename Visit>
OCTET_DEVICE void with_float_function(const ElementwiseFunction& op, Visit&& visit) {
  const T alpha = static_cast<T>(op.alpha), beta = static_cast<T>(op.beta);
  using enum ElementwiseMode;
  switch (op.mode) {
    case acos: return visit([](T a) { return std::acos(a); });
    case acosh: return visit([](T a) { return std::acosh(a); });
    case asin: return visit([](T a) { return std::asin(a); });
    case asinh: return visit([](T a) { return std::asinh(a); });
    case atan: return visit([](T a) { return std::atan(a); });
    case atanh: return visit([](T a) { return std::atanh(a); });
    case ceil: return visit([](T a) { return std::ceil(a); });
    case cos: return visit([](T a) { return std::cos(a); });
    case cosh: return visit([](T a) { return std::cosh(a); });
    case erf: return visit([](T a) { return std::erf(a); });
    case exp: return visit([](T a) { return std::exp(a); });
    case expm1: return visit([](T a) { return std::expm1(a); });
    case floor: return visit([](T a) { return std::floor(a); });
    case gelu: return visit([](T a) { return scalar::gelu(a); });
    case h_sigmoid: return visit([](T a) { return scalar::h_sigmoid(a); });
    case h_swish: return visit([](T a) { return scalar::h_swish(a); });
    case is_inf: return visit([](T a) { return truth<T>(std::isinf(a)); });
    case is_nan: return visit([](T a) { return truth<T>(std::isnan(a)); });
    case log: return visit([](T a) { return std::log(a); });
    case log1p: return visit([](T a) { return std::log1p(a); });
    case reciprocal: return visit([](T a) { return T{1} / a; });
    case relu6: return visit([](T a) { return scalar::relu6(a); });
    case round: return visit([](T a) { return std::round(a); });
    case round_even: return visit([](T a) { return std::nearbyint(a); });
    case sigmoid: return visit([](T a) { return scalar::sigmoid(a); });
    case silu: return visit([](T a) { return scalar::silu(a); });
    case sin: return visit([](T a) { return std::sin(a); });
    case sinh: return visit([](T a) { return std::sinh(a); });
    case softplus: return visit([](T a) { return scalar::softplus(a); });
    case softsign: return visit([](T a) { return a / (T{1} + std::abs(a)); });
    case sqrt: return visit([](T a) { return std::sqrt(a); });
    case tan: return visit([](T a) { return std::tan(a); });
    case tanh: return visit([](T a) { return std::tanh(a); });
    case mish: return visit([](T a) { return scalar::mish(a); });
    case elu: return visit([=](T a) { return scalar::elu(a, alpha); });
    case selu: return visit([=](T a) { return scalar::selu(a, alpha, beta); });
    case celu: return visit([=](T a) { return scalar::celu(a, alpha); });
    case leaky_relu: return visit([=](T a) { return scalar::leaky_relu(a, alpha); });
    case thresholded_relu: return visit([=](T a) { return a > alpha ? a : T{0}; });
    case hard_sigmoid:
      return visit([=](T a) { return scalar::clip(alpha * a + beta, T{0}, T{1}); });
    case atan2: return visit([](T a, T b) { return std::atan2(a, b); });
    case log_sum_exp: return visit([](T a, T b) { return scalar::log_sum_exp(a, b); });
    case prelu: return visit([](T a, T b) { return scalar::leaky_relu(a, b); });
    case add_sigmoid: return visit([](T a, T b) { return scalar::sigmoid(a + b); });
    case add_tanh: return visit([](T a, T b) { return std::tanh(a + b); });
    case add_h_swish: return visit([](T a, T b) { return scalar::h_swish(a + b); });
    default: return visit([](T) { return std::numeric_limits<T>::quiet_NaN(); });
  }
}

// Calls visit(f) with the function of op.mode. infer() keeps modes and types that do not belong
// together away; for them f gives NaN (float) or a shift (integer).
template <typename T, typename Visit>
OCTET_DEVICE void with_function(const ElementwiseFunction& op, Visit&& visit) {
  using enum ElementwiseMode;
  switch (op.mode) {
    case identity: return visit([](T a) { return a; });
    case abs: return visit([](T a) { return absolute(a); });
    case logical_not: return visit([](T a) { return truth<T>(a == T{0}); });
    case negate: return visit([](T a) { return detail::negate(a); });
    case relu: return visit([](T a) { return scalar::relu(a); });
    case sign:
      return visit([](T a) { return subtract(truth<T>(a > T{0}), truth<T>(is_negative(a))); });
    case square: return visit([](T a) { return multiply(a, a); });
    case clip: {
      const T lowest = attribute<T>(op.alpha), highest = attribute<T>(op.beta);
      return visit([=](T a) { return scalar::clip(a, lowest, highest); });
    }
    case ElementwiseMode::add: return visit([](T a, T b) { return detail::add(a, b); });
    case sub: return visit([](T a, T b) { return subtract(a, b); });
    case mul: return visit([](T a, T b) { return multiply(a, b); });
    case div: return visit([](T a, T b) { return divide(a, b); });
    case floor_div: return visit([](T a, T b) { return floor_divide(a, b); });
    case min: return visit([](T a, T b) { return smaller_of(a, b); });
    case max: return visit([](T a, T b) { return greater_of(a, b); });
    case mod: return visit([](T a, T b) { return modulo(a, b); });
    case ElementwiseMode::fmod: return visit([](T a, T b) { return detail::remainder(a, b); });
    case pow: return visit([](T a, T b) { return power(a, b); });
    case equal: return visit([](T a, T b) { return truth<T>(a == b); });
    case not_equal: return visit([](T a, T b) { return truth<T>(a != b); });
    case less: return visit([](T a, T b) { return truth<T>(a < b); });
    case less_equal: return visit([](T a, T b) { return truth<T>(a <= b); });
    case greater: return visit([](T a, T b) { return truth<T>(a > b); });
    case greater_equal: return visit([](T a, T b) { return truth<T>(a >= b); });
    case logical_and: return visit([](T a, T b) { return truth<T>(a != T{0} && b != T{0}); });
    case logical_or: return visit([](T a, T b) { return truth<T>(a != T{0} || b != T{0}); });
    case logical_xor: return visit([](T a, T b) { return truth<T>((a != T{0}) != (b != T{0})); });
    case add_relu: return visit([](T a, T b) { return scalar::relu(detail::add(a, b)); });
    case mul_add3: return visit([](T a, T b, T c) { return detail::add(multiply(a, b), c); });
    case mul_add4:
      return visit([](T a, T b, T c, T d) { return detail::add(multiply(a, b), multiply(c, d)); });
    case where: return visit([](T a, T b, T c) { return a != T{0} ? b : c; });
    case cond_leq_mov: return visit([](T a, T b, T c) { return a <= b ? c : T{0}; });
    case cond_lt_mov: return visit([](T a, T b, T c) { return a < b ? c : T{0}; });
    case switch_gt0: return visit([](T a, T b) { return a > T{0} ? b : T{0}; });
    default:
      if constexpr (kIsFloat<T>) return with_float_function<T>(op, visit);
      else return with_shift<T>(op, visit);
  }
}

// f(operand(0), operand(1), ...) with as many operands as f takes.
template <typename T, typename F, typename Operand>
OCTET_DEVICE T call(const F& f, const Operand& operand) {
  if constexpr (std::is_invocable_v<F, T>) return f(operand(0));
  else if constexpr (std::is_invocable_v<F, T, T>) return f(operand(0), operand(1));
  else if constexpr (std::is_invocable_v<F, T, T, T>) return f(operand(0), operand(1), operand(2));
  else return f(operand(0), operand(1), operand(2), operand(3));
}

}  // namespace octet::detail
