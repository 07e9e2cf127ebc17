// Resize and the older Upsample.
#include "base/format.hpp"
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

// Puts numbers given for some axes among `fallback` for the others.
template <typename T>
std::vector<T> spread(const OnnxNode& node, const std::vector<std::int64_t>& axes,
                      const std::vector<T>& values, std::vector<T> fallback) {
  if (values.size() != axes.size()) node.invalid("scales or sizes do not have one number per axis");
  for (std::size_t i = 0; i < axes.size(); ++i)
    fallback[static_cast<std::size_t>(node.axis(axes[i], node.rank(0)))] = values[i];
  return fallback;
}

ValueId float_vector(const OnnxNode& node, const std::vector<float>& values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return node.graph().add_constant(
      Tensor::from(TensorType{DType::f32, shape, {}, {}}, std::span<const float>(values)));
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
    const auto extents = node.shape(0).extents();
    if (scales != kNoValue)
      scales = float_vector(node, spread(node, axes, node.known_numbers(2, "scales"),
                                         std::vector<float>(extents.size(), 1.0f)));
    else
      sizes = node.constant(spread(node, axes, node.known_integers(3, "sizes"),
                                   std::vector<std::int64_t>(extents.begin(), extents.end())));
  }
  return {add_resize(node, op, scales, sizes, crops ? nonempty(node, 1) : kNoValue)};
}

// Upsample, and Resize before opset 11: asymmetric coordinates; the nearest is the one below.
std::vector<ValueId> upsample(OnnxNode& node) {
  Resize op;
  op.interpolation = interpolation(node);
  op.coordinates = CoordinateMode::asymmetric;
  op.nearest = NearestMode::floor;
  const bool attribute = node.op_type() == "Upsample" && node.opset() < 9;
  const ValueId scales =
      attribute ? float_vector(node, node.attributes().numbers("scales")) : node.input(1);
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
