// Element types that resampling can interpolate, and how an interpolated float is stored.
#pragma once

#include <algorithm>
#include <limits>
#include <octet/status.hpp>
#include <type_traits>

#include "base/format.hpp"
#include "ops/epilogue.hpp"

namespace octet {

// Throws Error(unsupported) unless the type is f32, s8 or u8, of one scale where quantised. The
// stored integers themselves are interpolated: the weights add up to 1, so scale and zero point
// stay.
inline void require_interpolable(const TensorType& x, std::string_view what) {
  const bool eight_bits = x.dtype == DType::s8 || x.dtype == DType::u8;
  const bool one_scale = !x.quant || x.quant->is_per_tensor();
  if ((x.dtype == DType::f32 && !x.quant) || (eight_bits && one_scale)) return;
  throw Error(StatusCode::unsupported, concat(what, " of ", x.to_string()));
}

// Calls f with a value of the C++ type of an interpolable dtype.
template <typename F>
void with_sample_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::f32: return f(float{});
    case DType::s8: return f(std::int8_t{});
    default: return f(std::uint8_t{});
  }
}

template <typename T>
T to_sample(float v, Rounding rounding) {
  if constexpr (std::is_same_v<T, float>) {
    return v;
  } else {
    using Limits = std::numeric_limits<T>;
    const float rounded = round_by(rounding, v);
    if (!(rounded > static_cast<float>(Limits::lowest()))) return Limits::lowest();
    return static_cast<T>(std::min(rounded, static_cast<float>(Limits::max())));
  }
}

}  // namespace octet
