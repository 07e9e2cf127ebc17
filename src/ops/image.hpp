// Resampling of images.
#pragma once

#include "ops/attributes.hpp"
#include "ops/warp_sampling.hpp"

namespace octet {

enum class Interpolation : std::uint8_t { nearest, linear, cubic };
// How an output coordinate maps to an input coordinate (ONNX names; mge = half_pixel).
enum class CoordinateMode : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize
};
enum class NearestMode : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };
std::string_view to_string(Interpolation interpolation) noexcept;
std::string_view to_string(CoordinateMode mode) noexcept;
std::string_view to_string(NearestMode mode) noexcept;

// Inputs: x, scales (known f32) or absent, sizes (known; a float vector is truncated) or absent,
// roi or absent. `spatial_only`: sizes and scales name H and W alone (.mge). With `mge`,
// MegEngine's own coordinate and rounding rules (megengine Resize LINEAR, NEAREST), quantised
// outputs half away.
struct Resize final : OpBase<Resize> {
  static constexpr std::string_view kKind = "resize";
  Interpolation interpolation = Interpolation::linear;
  CoordinateMode coordinates = CoordinateMode::half_pixel;
  NearestMode nearest = NearestMode::round_prefer_floor;
  float cubic_coefficient = -0.75f;
  float extrapolation = 0.0f;
  bool exclude_outside = false;
  bool spatial_only = false;
  bool mge = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// MegEngine's, linear only. Inputs: x {N,C,H,W} of f32, s8 or u8 (the stored integers, rounded half
// away), matrix {N,3,3} f32 (output to input coordinates), size {2} (known: OH, OW). `border_value`
// stands among the stored numbers.
struct WarpPerspective final : OpBase<WarpPerspective> {
  static constexpr std::string_view kKind = "warp_perspective";
  Interpolation interpolation = Interpolation::linear;
  BorderMode border = BorderMode::replicate;
  float border_value = 0.0f;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
