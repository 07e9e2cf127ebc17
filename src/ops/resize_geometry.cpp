#include "ops/resize_geometry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// The last float below which every integer is one.
constexpr float kMostCoordinate = 16777216.0f;

// The first axis that scales and sizes speak of.
std::size_t first_axis(const Resize& op, const Shape& x) {
  if (!op.spatial_only) return 0;
  require(x.rank() >= 3, "a value of shape ", x.to_string(), " has no spatial axes to resize");
  return 2;
}

template <typename T>
void require_count(std::span<const T> values, std::size_t expected, const Shape& x,
                   std::string_view name) {
  if (values.empty() || values.size() == expected) return;
  throw Error(StatusCode::invalid_model,
              concat("there are ", values.size(), " ", name, " for a value of shape ",
                     x.to_string(), ", not ", expected));
}

std::int64_t scaled_extent(const ResizeAxis& axis, bool crops) {
  require(axis.scale > 0.0f && std::isfinite(axis.scale), "a resize has the scale ", axis.scale);
  const float part = crops ? axis.roi_end - axis.roi_begin : 1.0f;
  const float extent = std::floor(static_cast<float>(axis.in) * part * axis.scale);
  require(extent >= 0.0f, "a resize would give the extent ", extent);
  if (extent > static_cast<float>(limits::kExtent))
    throw Error(StatusCode::resource_exhausted, concat("a resize would give the extent ", extent));
  return static_cast<std::int64_t>(extent);
}

float input_coordinate(const Resize& op, const ResizeAxis& axis, std::int64_t i) {
  const auto x = static_cast<float>(i);
  const auto last_in = static_cast<float>(axis.in - 1), last_out = static_cast<float>(axis.out - 1);
  switch (op.coordinates) {
    case CoordinateMode::half_pixel: return (x + 0.5f) / axis.scale - 0.5f;
    case CoordinateMode::half_pixel_symmetric: {
      const float exact = axis.scale * static_cast<float>(axis.in);
      const float centre = static_cast<float>(axis.in) / 2.0f;
      const float offset = centre * (1.0f - static_cast<float>(axis.out) / exact);
      return offset + (x + 0.5f) / axis.scale - 0.5f;
    }
    case CoordinateMode::pytorch_half_pixel:
      return axis.out > 1 ? (x + 0.5f) / axis.scale - 0.5f : 0.0f;
    case CoordinateMode::align_corners: return axis.out > 1 ? x * last_in / last_out : 0.0f;
    case CoordinateMode::asymmetric: return x / axis.scale;
    case CoordinateMode::tf_half_pixel_for_nn: return (x + 0.5f) / axis.scale;
    case CoordinateMode::tf_crop_and_resize:
      return axis.out > 1 ? axis.roi_begin * last_in +
                                x * (axis.roi_end - axis.roi_begin) * last_in / last_out
                          : 0.5f * (axis.roi_begin + axis.roi_end) * last_in;
  }
  return 0.0f;
}

float nearest_coordinate(NearestMode mode, float x) {
  switch (mode) {
    case NearestMode::round_prefer_floor: return std::ceil(x - 0.5f);
    case NearestMode::round_prefer_ceil: return std::floor(x + 0.5f);
    case NearestMode::floor: return std::floor(x);
    case NearestMode::ceil: return std::ceil(x);
  }
  return 0.0f;
}

// An index inside the axis; the coordinate is a whole number.
std::int64_t clamped(float coordinate, std::int64_t extent) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(coordinate), 0, extent - 1);
}

// ONNX Runtime: the last element weighs one half twice, which rounds otherwise than once one.
Taps linear_taps(float coordinate, std::int64_t extent) {
  const float inside = std::clamp(coordinate, 0.0f, static_cast<float>(extent - 1));
  const std::int64_t low = clamped(std::floor(inside), extent);
  if (low == extent - 1) return {{low, 0.5f}, {low, 0.5f}};
  const float weight = inside - static_cast<float>(low);
  return {{low, 1.0f - weight}, {low + 1, weight}};
}

// MegEngine: at the border the whole weight goes to the border's element.
Taps mge_linear_taps(float coordinate, std::int64_t extent) {
  if (extent == 1) return {{0, 1.0f}};
  float low = std::floor(coordinate), weight = coordinate - low;
  if (low < 0.0f) {
    low = weight = 0.0f;
  } else if (low + 1.0f >= static_cast<float>(extent)) {
    low = static_cast<float>(extent - 2);
    weight = 1.0f;
  }
  const auto index = static_cast<std::int64_t>(low);
  return {{index, 1.0f - weight}, {index + 1, weight}};
}

Taps cubic_taps(const Resize& op, float coordinate, std::int64_t extent) {
  const float low = std::floor(coordinate), t = coordinate - low, a = op.cubic_coefficient;
  const auto near = [a](float d) { return ((a + 2.0f) * d - (a + 3.0f)) * d * d + 1.0f; };
  const auto far = [a](float d) { return ((a * d - 5.0f * a) * d + 8.0f * a) * d - 4.0f * a; };
  const std::array<float, 4> weights{far(t + 1.0f), near(t), near(1.0f - t), far(2.0f - t)};
  Taps taps;
  float sum = 0.0f;
  for (std::size_t i = 0; i < 4; ++i) {
    const float place = low + static_cast<float>(i) - 1.0f;
    if (op.exclude_outside && (place < 0.0f || place >= static_cast<float>(extent))) continue;
    taps.push_back({clamped(place, extent), weights[i]});
    sum += weights[i];
  }
  if (op.exclude_outside)
    for (Tap& tap : taps) tap.weight /= sum;
  return taps;
}

Taps taps_at(const Resize& op, const ResizeAxis& axis, std::int64_t i) {
  if (op.mge && op.interpolation == Interpolation::nearest) {
    const float place = static_cast<float>(i) / axis.scale;
    return {{std::min(static_cast<std::int64_t>(place), axis.in - 1), 1.0f}};
  }
  const float coordinate = std::clamp(input_coordinate(op, axis, i), -kMostCoordinate,
                                      kMostCoordinate + static_cast<float>(axis.in));
  if (op.coordinates == CoordinateMode::tf_crop_and_resize &&
      !(coordinate >= 0.0f && coordinate <= static_cast<float>(axis.in - 1)))
    return {};
  switch (op.interpolation) {
    case Interpolation::nearest:
      return {{clamped(nearest_coordinate(op.nearest, coordinate), axis.in), 1.0f}};
    case Interpolation::linear:
      return op.mge ? mge_linear_taps(coordinate, axis.in) : linear_taps(coordinate, axis.in);
    case Interpolation::cubic: return cubic_taps(op, coordinate, axis.in);
  }
  return {};
}

bool is_whole(const Resize& op, const ResizeAxis& axis) {
  if (op.coordinates == CoordinateMode::tf_crop_and_resize &&
      (axis.roi_begin != 0.0f || axis.roi_end != 1.0f))
    return false;
  return axis.in == axis.out && axis.scale == 1.0f;
}

}  // namespace

std::vector<ResizeAxis> resize_axes(const Resize& op, const Shape& x, std::span<const float> scales,
                                    std::span<const std::int64_t> sizes,
                                    std::span<const float> roi) {
  const std::size_t first = first_axis(op, x), named = x.rank() - first;
  const bool crops = op.coordinates == CoordinateMode::tf_crop_and_resize;
  require_count(scales, named, x, "scales");
  require_count(sizes, named, x, "sizes");
  require(scales.empty() != sizes.empty() || named == 0, "a resize takes either scales or sizes");
  require(!crops || roi.size() == 2 * x.rank(), "the region of interest has ", roi.size(),
          " numbers for a value of shape ", x.to_string());
  std::vector<ResizeAxis> axes;
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    ResizeAxis axis{x[i], x[i]};
    if (crops) {
      axis.roi_begin = roi[i];
      axis.roi_end = roi[i + x.rank()];
      require(std::isfinite(axis.roi_begin) && std::isfinite(axis.roi_end),
              "the region of interest is not finite");
    }
    if (i >= first && !sizes.empty()) {
      axis.out = sizes[i - first];
      axis.scale = static_cast<float>(axis.out) / static_cast<float>(axis.in);
    } else if (i >= first) {
      axis.scale = scales[i - first];
      axis.out = scaled_extent(axis, crops);
    }
    require(axis.in > 0 || axis.out == 0, "an empty axis cannot be resized to ", axis.out);
    axes.push_back(axis);
    extents.push_back(axis.out);
  }
  checked_shape(extents);
  return axes;
}

std::vector<Taps> resize_taps(const Resize& op, const ResizeAxis& axis) {
  std::vector<Taps> taps;
  for (std::int64_t i = 0; i < axis.out; ++i)
    taps.push_back(is_whole(op, axis) ? Taps{{i, 1.0f}} : taps_at(op, axis, i));
  return taps;
}

}  // namespace octet
