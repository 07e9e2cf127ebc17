// Resize and the older Upsample.
#include <algorithm>

#include "base/format.hpp"
#include "formats/onnx/index_grid.hpp"
#include "formats/onnx/op_table.hpp"
#include "ops/image.hpp"

namespace octet::onnx {
namespace {

Interpolation interpolation(const OnnxNode& node) {
  const std::string mode = node.attributes().text("mode", "nearest");
  if (mode == "nearest") return Interpolation::nearest;
  if (mode == "linear" || mode == "bilinear") return Interpolation::linear;
  if (mode == "cubic") return Interpolation::cubic;
  node.invalid(concat("the mode \"", mode, "\" does not exist"));
}

CoordinateMode coordinates(const OnnxNode& node) {
  const std::string mode = node.attributes().text("coordinate_transformation_mode", "half_pixel");
  if (mode == "half_pixel") return CoordinateMode::half_pixel;
  if (mode == "pytorch_half_pixel") return CoordinateMode::pytorch_half_pixel;
  if (mode == "align_corners") return CoordinateMode::align_corners;
  if (mode == "asymmetric") return CoordinateMode::asymmetric;
  if (mode == "tf_half_pixel_for_nn") return CoordinateMode::tf_half_pixel_for_nn;
  if (mode == "tf_crop_and_resize") return CoordinateMode::tf_crop_and_resize;
  node.unsupported(concat("the coordinates \"", mode, "\" are not supported"));
}

NearestMode nearest(const OnnxNode& node) {
  const std::string mode = node.attributes().text("nearest_mode", "round_prefer_floor");
  if (mode == "round_prefer_floor") return NearestMode::round_prefer_floor;
  if (mode == "round_prefer_ceil") return NearestMode::round_prefer_ceil;
  if (mode == "floor") return NearestMode::floor;
  if (mode == "ceil") return NearestMode::ceil;
  node.invalid(concat("the nearest_mode \"", mode, "\" does not exist"));
}

// An absent input is sometimes written as an empty tensor.
ValueId nonempty(const OnnxNode& node, std::size_t i) {
  return node.has_input(i) && node.shape(i).elements() > 0 ? node.input(i) : kNoValue;
}

ValueId add_resize(const OnnxNode& node, const Resize& op, ValueId scales, ValueId sizes,
                   ValueId roi) {
  std::vector<ValueId> inputs{node.input(0), scales, sizes, roi};
  while (inputs.back() == kNoValue) inputs.pop_back();
  return node.add(make_op<Resize>(op), std::move(inputs));
}

// True when sizes or scales are given for H and W of {N,C,H,W}, in this order.
bool names_height_and_width(const OnnxNode& node, const std::vector<std::int64_t>& axes) {
  return node.rank(0) == 4 && axes.size() == 2 && node.axis(axes[0], 4) == 2 &&
         node.axis(axes[1], 4) == 3;
}

// Scales given for some axes -> scales for all.
ValueId all_scales(const OnnxNode& node, const std::vector<std::int64_t>& axes) {
  const std::vector<float> given = node.known_numbers(2, "scales");
  if (given.size() != axes.size()) node.invalid("scales do not have one number per axis");
  std::vector<float> scales(node.shape(0).rank(), 1.0f);
  for (std::size_t i = 0; i < axes.size(); ++i)
    scales[static_cast<std::size_t>(node.axis(axes[i], node.rank(0)))] = given[i];
  return node.constant(scales);
}

// The same for sizes; the other axes keep the extents that the input has at run time.
ValueId all_sizes(const OnnxNode& node, const std::vector<std::int64_t>& axes) {
  const std::vector<std::int64_t> given = node.known_integers(3, "sizes");
  if (given.size() != axes.size()) node.invalid("sizes do not have one number per axis");
  std::vector<Extent> sizes;
  for (std::int64_t axis = 0; axis < node.rank(0); ++axis) sizes.push_back({1, axis});
  for (std::size_t i = 0; i < axes.size(); ++i)
    sizes[static_cast<std::size_t>(node.axis(axes[i], node.rank(0)))] = {given[i]};
  return shape_vector(node, node.input(0), sizes);
}

std::vector<ValueId> resize(OnnxNode& node) {
  const Attributes& attributes = node.attributes();
  Resize op;
  op.interpolation = interpolation(node);
  op.coordinates = coordinates(node);
  op.nearest = nearest(node);
  op.cubic_coefficient = attributes.number("cubic_coeff_a", -0.75f);
  op.extrapolation = attributes.number("extrapolation_value", 0.0f);
  op.exclude_outside = attributes.flag("exclude_outside", false);
  if (attributes.flag("antialias", false)) node.unsupported("antialias is not supported");
  if (attributes.text("keep_aspect_ratio_policy", "stretch") != "stretch")
    node.unsupported("keep_aspect_ratio_policy is supported as \"stretch\" alone");
  const bool crops = op.coordinates == CoordinateMode::tf_crop_and_resize;
  ValueId scales = nonempty(node, 2), sizes = nonempty(node, 3);
  if ((scales == kNoValue) == (sizes == kNoValue))
    node.invalid("either scales or sizes must be given");
  const std::vector<std::int64_t> axes = attributes.integers("axes");
  if (!axes.empty()) {
    if (crops) node.unsupported("axes together with tf_crop_and_resize is not supported");
    op.spatial_only = names_height_and_width(node, axes);
    if (!op.spatial_only && scales != kNoValue) scales = all_scales(node, axes);
    if (!op.spatial_only && sizes != kNoValue) sizes = all_sizes(node, axes);
  }
  return {add_resize(node, op, scales, sizes, crops ? nonempty(node, 1) : kNoValue)};
}

// Before opset 11 the nearest element is the one below, but ONNX Runtime takes the one above on
// axes that shrink.
NearestMode old_nearest(const OnnxNode& node) {
  if (node.op_type() == "Upsample") return NearestMode::floor;
  const std::vector<float> scales = node.known_numbers(1, "scales");
  const bool shrinks = std::any_of(scales.begin(), scales.end(), [](float s) { return s < 1.0f; });
  const bool grows = std::any_of(scales.begin(), scales.end(), [](float s) { return s > 1.0f; });
  if (shrinks && grows)
    node.unsupported("axes that grow beside axes that shrink are not supported before opset 11");
  return shrinks ? NearestMode::ceil : NearestMode::floor;
}

// Upsample, and Resize before opset 11: asymmetric coordinates.
std::vector<ValueId> upsample(OnnxNode& node) {
  Resize op;
  op.interpolation = interpolation(node);
  op.coordinates = CoordinateMode::asymmetric;
  if (op.interpolation == Interpolation::nearest) op.nearest = old_nearest(node);
  const bool attribute = node.op_type() == "Upsample" && node.opset() < 9;
  const ValueId scales =
      attribute ? node.constant(node.attributes().numbers("scales")) : node.input(1);
  return {add_resize(node, op, scales, kNoValue, kNoValue)};
}

constexpr OpRow kRows[] = {
    {"Resize", 10, 10, Operands::quantised_f32, upsample},
    {"Resize", 11, kLastOpset, Operands::quantised_f32, resize},
    {"Upsample", kFirstOpset, 9, Operands::quantised_f32, upsample},
};

}  // namespace

std::span<const OpRow> resize_operators() { return kRows; }

}  // namespace octet::onnx
