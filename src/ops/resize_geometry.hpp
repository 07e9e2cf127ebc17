// Where each output coordinate of a Resize lies in its input, and which elements it weighs.
#pragma once

#include <vector>

#include "ops/image.hpp"
#include "ops/sampling.hpp"

namespace octet {

// One axis of a Resize.
struct ResizeAxis {
  std::int64_t in = 0, out = 0;
  float scale = 1.0f;                      // out / in, or what the model says
  float roi_begin = 0.0f, roi_end = 1.0f;  // of tf_crop_and_resize, in parts of the axis
};

// The axes of the output. `roi`, `scales` and `sizes` are empty where absent.
// Throws Error(invalid_model, resource_exhausted).
std::vector<ResizeAxis> resize_axes(const Resize& op, const Shape& x, std::span<const float> scales,
                                    std::span<const std::int64_t> sizes,
                                    std::span<const float> roi);

// An input element and its weight.
struct Tap {
  std::int64_t index = 0;
  float weight = 1.0f;
};

// What an output coordinate reads: nothing where it lies outside the image and takes the
// extrapolation value.
using Taps = std::vector<Tap>;

// For each output coordinate of the axis.
std::vector<Taps> resize_taps(const Resize& op, const ResizeAxis& axis);
// For each axis, by the operator's operands; of x only the type is looked at.
std::vector<std::vector<Taps>> resize_taps(const Resize& op, std::span<const ConstView> inputs);

// How an interpolated float becomes a stored integer, and in which order weights are multiplied.
SampleRounding resize_rounding(const Resize& op, DType dtype);
WeightOrder weight_order(const Resize& op);

// The stored number where there is no image, and the same as one element of x's dtype.
float resize_outside(const Resize& op, const TensorType& x);
Tensor resize_fill(const Resize& op, const TensorType& x);

}  // namespace octet
