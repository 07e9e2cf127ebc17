#include "formats/onnx/quantised.hpp"

#include <cmath>

#include "base/format.hpp"
#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

bool is_known(const OnnxNode& node, std::size_t i) {
  return !node.has_input(i) || node.graph().known(node.input(i)) != nullptr;
}

void check_scales(const OnnxNode& node, const std::vector<float>& scales) {
  if (scales.empty()) node.invalid("the scale is empty");
  for (const float scale : scales)
    if (!std::isfinite(scale) || scale <= 0.0f)
      node.invalid(concat("the scale ", scale, " is not a positive number"));
}

}  // namespace

bool has_known_quant(const OnnxNode& node, QuantInputs at) {
  return is_known(node, at.scale) && is_known(node, at.zero_point);
}

Quant known_quant(const OnnxNode& node, QuantInputs at, std::int64_t axis) {
  Quant quant;
  const Tensor& scale = node.known(at.scale, "the scale");
  if (scale.shape().rank() > 1) node.unsupported("scales with several axes are not supported");
  quant.scales = numbers_of(scale);
  check_scales(node, quant.scales);
  if (node.has_input(at.zero_point)) {
    const auto points = node.known_integers(at.zero_point, "the zero point");
    if (points.size() != quant.scales.size() && points.size() != 1)
      node.invalid(
          concat("there are ", points.size(), " zero points for ", quant.scales.size(), " scales"));
    for (const std::int64_t point : points)
      quant.zero_points.push_back(static_cast<std::int32_t>(point));
    if (quant.is_symmetric()) quant.zero_points.clear();
  }
  if (quant.scales.size() > 1) quant.axis = static_cast<int>(axis);
  return quant;
}

OutputSpec known_output(const OnnxNode& node, QuantInputs at) {
  OutputSpec output;
  output.dtype = node.has_input(at.zero_point) ? node.type(at.zero_point).dtype : DType::u8;
  output.quant = known_quant(node, at);
  if (!output.quant->is_per_tensor()) node.unsupported("the output has more than one scale");
  return output;
}

ValueId with_quant(const OnnxNode& node, ValueId value, const Quant& quant) {
  TensorType type = node.graph().type(value);
  if (type.quant == quant) return value;
  if (node.graph().value(value).is_constant()) {
    const Value& constant = node.graph().value(value);
    type.quant = quant;
    return node.graph().add_constant(constant.known->with_type(std::move(type)), constant.name);
  }
  SetQuant set;
  set.quant = quant;
  return node.add(make_op<SetQuant>(set), {value});
}

ValueId quantised_input(const OnnxNode& node, std::size_t value, QuantInputs at,
                        std::int64_t axis) {
  const TensorType& type = node.type(value);
  if (!is_integer(type.dtype))
    node.invalid(
        concat("input ", value, " is ", to_string(type.dtype), ", not a quantised integer"));
  if (node.has_input(at.zero_point) && node.type(at.zero_point).dtype != type.dtype)
    node.invalid(concat("input ", value, " is ", to_string(type.dtype), " but its zero point is ",
                        to_string(node.type(at.zero_point).dtype)));
  const std::int64_t rank = node.rank(value);
  // A scale of one element fits every axis, also those a small value does not have.
  const bool per_axis = node.known(at.scale, "the scale").shape().elements() > 1;
  const std::int64_t along = per_axis ? node.axis(axis, rank) : 0;
  const Quant quant = known_quant(node, at, along);
  if (per_axis && type.shape[static_cast<std::size_t>(along)] != std::ssize(quant.scales))
    node.invalid(concat("there are ", quant.scales.size(), " scales for axis ", along, " of ",
                        type.shape.to_string()));
  return with_quant(node, node.input(value), quant);
}

ValueId dequantise(const OnnxNode& node, ValueId value) {
  return quantise(node, value, OutputSpec{});
}

ValueId quantise(const OnnxNode& node, ValueId value, const OutputSpec& output) {
  const TensorType& type = node.graph().type(value);
  if (type.dtype == output.dtype && type.quant == output.quant) return value;
  Convert convert;
  convert.output = output;
  convert.rule = QuantRule::onnx;
  return node.add(make_op<Convert>(convert), {value});
}

}  // namespace octet::onnx
