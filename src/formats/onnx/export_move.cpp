// Operators that move elements. They take the stored integers of quantised values as they are.
#include <numeric>

#include "base/format.hpp"
#include "formats/onnx/exporter.hpp"
#include "ops/image.hpp"
#include "ops/move.hpp"
#include "ops/resize_geometry.hpp"

namespace octet::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

void export_transpose(Exporter& e, const Node& node) {
  Ints permutation = node.as<Transpose>()->permutation;
  if (permutation.empty()) {
    permutation.resize(e.type(node.inputs[0]).shape.rank());
    std::iota(permutation.rbegin(), permutation.rend(), 0);
  }
  e.define_moved(node.outputs[0],
                 e.emit("Transpose", {e.moved(node.inputs[0])}, {{"perm", permutation}}));
}

void export_concat(Exporter& e, const Node& node) {
  std::vector<std::string> parts;
  for (const ValueId part : node.inputs) parts.push_back(e.moved(part));
  e.define_moved(node.outputs[0], e.emit("Concat", parts, {{"axis", node.as<Concat>()->axis}}));
}

void export_split(Exporter& e, const Node& node) {
  const Split& op = *node.as<Split>();
  const auto rank = static_cast<std::int64_t>(e.type(node.inputs[0]).shape.rank());
  const auto axis = static_cast<std::size_t>(op.axis < 0 ? op.axis + rank : op.axis);
  Ints sizes;
  std::vector<std::string> outputs;
  bool equal = op.parts > 0;
  for (const ValueId part : node.outputs) {
    sizes.push_back(e.type(part).shape[axis]);
    equal = equal && sizes.back() == sizes.front();
    outputs.push_back(e.builder().unique_name(concat(node.name, ".", outputs.size())));
    e.define(part, outputs.back());
  }
  // Without sizes the parts are equal, whatever the extent becomes.
  std::vector<std::string> inputs{e.stored(node.inputs[0])};
  if (!equal) inputs.push_back(e.integers(sizes));
  AttributeList attributes{{"axis", op.axis}};
  if (equal && e.opset() >= 18) attributes.emplace_back("num_outputs", std::ssize(outputs));
  e.builder().add_node("Split", inputs, outputs, attributes, node.name);
}

const char* pad_mode(PadMode mode) {
  switch (mode) {
    case PadMode::constant: return "constant";
    case PadMode::reflect: return "reflect";
    case PadMode::edge: return "edge";
  }
  return "constant";
}

void export_pad(Exporter& e, const Node& node) {
  const Pad& op = *node.as<Pad>();
  std::string value = e.optional_stored(node, 2);
  if (op.mge_value && *op.mge_value != 0.0f) {
    const DType dtype = e.type(node.inputs[0]).dtype;
    value = e.emit("Cast", {e.number(*op.mge_value)}, {{"to", std::int64_t{data_type_of(dtype)}}});
  }
  e.define(node.outputs[0],
           e.emit("Pad", {e.stored(node.inputs[0]), e.int64(node.inputs[1]), value},
                  {{"mode", std::string(pad_mode(op.mode))}}));
}

void export_tile(Exporter& e, const Node& node) {
  e.define(node.outputs[0], e.emit("Tile", {e.stored(node.inputs[0]), e.int64(node.inputs[1])}));
}

// The operator's own names are ONNX's.
AttributeList resize_attributes(const Resize& op) {
  if (op.coordinates == CoordinateMode::half_pixel_symmetric)
    Exporter::unsupported("a resize with the coordinates half_pixel_symmetric");
  const bool nearest = op.interpolation == Interpolation::nearest;
  const bool mge_nearest = op.mge && nearest;  // the pixel at floor(index * in / out)
  AttributeList attributes{
      {"mode", std::string(to_string(op.interpolation))},
      {"coordinate_transformation_mode",
       std::string(to_string(mge_nearest ? CoordinateMode::asymmetric : op.coordinates))},
      {"extrapolation_value", op.extrapolation},
      {"cubic_coeff_a", op.cubic_coefficient},
      {"exclude_outside", std::int64_t{op.exclude_outside}}};
  if (nearest)
    attributes.emplace_back("nearest_mode",
                            std::string(to_string(mge_nearest ? NearestMode::floor : op.nearest)));
  return attributes;
}

void export_resize(Exporter& e, const Node& node) {
  const Resize& op = *node.as<Resize>();
  const auto has = [&](std::size_t i) {
    return i < node.inputs.size() && node.inputs[i] != kNoValue;
  };
  if (resize_rounding(op, e.type(node.inputs[0]).dtype).wraps)
    Exporter::unsupported("a cubic resize of QuantizedS8, which wraps around,");
  // ONNX's own resize of integers is one of what is stored; MegEngine's rounds, as a Q/DQ pair
  // does.
  const bool resizes_stored =
      !op.mge && !e.for_tensorrt() && e.type(node.inputs[0]).dtype != DType::f32;
  const std::string x = resizes_stored ? e.stored(node.inputs[0]) : e.real(node.inputs[0]);
  std::string scales = e.optional_stored(node, 1), sizes;
  if (has(2)) sizes = e.int64(node.inputs[2]);
  if (op.spatial_only && !scales.empty()) {
    const TensorType ones{DType::f32, Shape{2}, kNCHW, std::nullopt};
    const std::vector<float> values{1.0f, 1.0f};
    const std::string first =
        e.builder().add_initializer(Tensor::from<float>(ones, values), "ones");
    scales = e.emit("Concat", {first, scales}, {{"axis", std::int64_t{0}}});
  }
  if (op.spatial_only && !sizes.empty()) {
    e.require_opset(15, "a resize of height and width alone");
    const std::string first = e.emit("Shape", {x}, {{"end", std::int64_t{2}}});
    sizes = e.emit("Concat", {first, sizes}, {{"axis", std::int64_t{0}}});
  }
  const std::string roi = e.optional_stored(node, 3);
  const std::string y = e.emit("Resize", {x, roi, sizes.empty() ? scales : std::string(), sizes},
                               resize_attributes(op));
  if (resizes_stored) e.define(node.outputs[0], y);
  else e.define_real(node.outputs[0], y, op.mge ? QuantRule::mge : QuantRule::onnx);
}

constexpr ExportRow kRows[] = {
    {Transpose::kKind, export_transpose}, {Concat::kKind, export_concat},
    {Split::kKind, export_split},         {Pad::kKind, export_pad},
    {Tile::kKind, export_tile},           {Resize::kKind, export_resize},
};

}  // namespace

std::span<const ExportRow> move_exports() { return kRows; }

}  // namespace octet::onnx
