// What one point of a perspective warp reads.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/device.hpp"

namespace octet {

enum class BorderMode : std::uint8_t { replicate, reflect, reflect_101, wrap, constant };

inline constexpr std::int64_t kOutside = -1;

OCTET_DEVICE inline std::int64_t positive_modulo(std::int64_t a, std::int64_t b) {
  return ((a % b) + b) % b;
}

// The element that stands for place i of an axis, or kOutside.
OCTET_DEVICE inline std::int64_t border_index(BorderMode mode, std::int64_t i,
                                              std::int64_t extent) {
  if (i >= 0 && i < extent) return i;
  switch (mode) {
    case BorderMode::replicate: return i < 0 ? 0 : extent - 1;
    case BorderMode::wrap: return positive_modulo(i, extent);
    case BorderMode::reflect: {  // the border's element repeats: 1 0 | 0 1 2
      const std::int64_t phase = positive_modulo(i, 2 * extent);
      return phase < extent ? phase : 2 * extent - 1 - phase;
    }
    case BorderMode::reflect_101: {  // it does not: 2 1 | 0 1 2
      if (extent == 1) return 0;
      const std::int64_t phase = positive_modulo(i, 2 * (extent - 1));
      return phase < extent ? phase : 2 * (extent - 1) - phase;
    }
    case BorderMode::constant: break;
  }
  return kOutside;
}

// One coordinate split into the elements on both sides and the weight of the second.
struct Neighbours {
  std::int64_t index[2];
  float weight[2];
};

OCTET_DEVICE inline Neighbours neighbours(BorderMode mode, float coordinate, std::int64_t extent) {
  // A matrix may send points to infinity; far away is far enough.
  constexpr float kFar = 1 << 24;
  const float bounded = coordinate > -kFar ? (coordinate < kFar ? coordinate : kFar) : -kFar;
  const float low = std::floor(bounded), weight = bounded - low;
  const auto index = static_cast<std::int64_t>(low);
  return {{border_index(mode, index, extent), border_index(mode, index + 1, extent)},
          {1.0f - weight, weight}};
}

template <typename T>
OCTET_DEVICE float interpolate(const T* plane, std::int64_t width, const Neighbours& h,
                               const Neighbours& w, float border_value) {
  float sum = 0.0f;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j) {
      const bool inside = h.index[i] != kOutside && w.index[j] != kOutside;
      const float value =
          inside ? static_cast<float>(plane[h.index[i] * width + w.index[j]]) : border_value;
      sum += value * h.weight[i] * w.weight[j];
    }
  return sum;
}

// Where output (h, w) lies in the input by the matrix m {3,3}: the neighbours down and across.
struct WarpPoint {
  Neighbours down, across;
};
OCTET_DEVICE inline WarpPoint warp_point(BorderMode mode, const float* m, float h, float w,
                                         std::int64_t height, std::int64_t width) {
  const auto row = [&](int r) { return m[r] * w + m[r + 1] * h + m[r + 2]; };
  const float denominator = row(6);
  return {neighbours(mode, row(3) / denominator, height),
          neighbours(mode, row(0) / denominator, width)};
}

}  // namespace octet
