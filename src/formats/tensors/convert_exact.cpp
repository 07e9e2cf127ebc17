#include "formats/tensors/convert_exact.hpp"

#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include "base/half.hpp"

namespace octet {
namespace {

template <typename To, typename From>
bool represent(From value, To& out) noexcept {
  if constexpr (std::integral<From> && std::integral<To>) {
    out = static_cast<To>(value);
    return std::in_range<To>(value);
  } else if constexpr (std::integral<From>) {
    out = static_cast<To>(value);
    // Just below the largest integer a float may round up to a power of two that cannot come back.
    const To limit = std::ldexp(To{1}, std::numeric_limits<From>::digits);
    return out < limit && static_cast<From>(out) == value;
  } else {
    out = static_cast<To>(value);
    return static_cast<From>(out) == value || std::isnan(value);
  }
}

// Calls action(T{}) with the C++ type of a dtype that has one.
template <typename Action>
auto dispatch(DType dtype, Action action) {
  switch (dtype) {
    case DType::f64: return action(double{});
    case DType::s4:
    case DType::s8: return action(std::int8_t{});
    case DType::u4:
    case DType::boolean:
    case DType::u8: return action(std::uint8_t{});
    case DType::s16: return action(std::int16_t{});
    case DType::u16: return action(std::uint16_t{});
    case DType::s32: return action(std::int32_t{});
    case DType::u32: return action(std::uint32_t{});
    case DType::s64: return action(std::int64_t{});
    case DType::u64: return action(std::uint64_t{});
    default: return action(float{});
  }
}

bool is_narrow_float(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }

TensorType with_dtype(const TensorType& type, DType dtype) {
  return {dtype, type.shape, kNCHW, std::nullopt};
}

Tensor widen(const Tensor& source) {
  Tensor out(with_dtype(source.type(), DType::f32));
  const auto from = source.values<std::uint16_t>();
  const auto to = out.mutable_values<float>();
  const bool half = source.dtype() == DType::f16;
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] = half ? half_to_float(from[i]) : bf16_to_float(from[i]);
  return out;
}

std::optional<Tensor> narrow(const Tensor& source, const TensorType& type, std::size_t& culprit) {
  Tensor out(type);
  const auto from = source.values<float>();
  const auto to = out.mutable_values<std::uint16_t>();
  const bool half = type.dtype == DType::f16;
  for (culprit = 0; culprit < to.size(); ++culprit) {
    const float value = from[culprit];
    to[culprit] = half ? float_to_half(value) : float_to_bf16(value);
    const float back = half ? half_to_float(to[culprit]) : bf16_to_float(to[culprit]);
    if (back != value && !std::isnan(value)) return std::nullopt;
  }
  return out;
}

}  // namespace

bool is_convertible(DType from, DType to) noexcept {
  if (from == to) return true;
  if (from == DType::boolean || to == DType::boolean) return false;
  return is_float(to) || is_integer(from);
}

std::optional<Tensor> convert_exact(const Tensor& source, const TensorType& type,
                                    std::size_t& culprit) {
  if (source.dtype() == type.dtype) return source.with_type(type);
  if (is_narrow_float(source.dtype())) return convert_exact(widen(source), type, culprit);
  if (is_narrow_float(type.dtype)) {
    const auto middle = convert_exact(source, with_dtype(type, DType::f32), culprit);
    return middle ? narrow(*middle, type, culprit) : std::nullopt;
  }

  Tensor out(type);
  const bool four_bits = type.dtype == DType::s4 || type.dtype == DType::u4;
  const IntegerRange range = integer_range(type.dtype);
  const bool done = dispatch(source.dtype(), [&]<typename From>(From) {
    return dispatch(type.dtype, [&]<typename To>(To) {
      const auto from = source.values<From>();
      const auto to = out.mutable_values<To>();
      for (culprit = 0; culprit < to.size(); ++culprit) {
        if (!represent(from[culprit], to[culprit])) return false;
        if constexpr (std::integral<To>)
          if (four_bits && (std::cmp_less(to[culprit], range.lowest) ||
                            std::cmp_greater(to[culprit], range.highest)))
            return false;
      }
      return true;
    });
  });
  return done ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace octet
