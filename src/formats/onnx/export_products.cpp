// Convolutions and matrix products.
#include <algorithm>

#include "base/format.hpp"
#include "formats/onnx/exporter.hpp"
#include "ops/conv.hpp"
#include "ops/matmul.hpp"

namespace octet::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

ValueId input(const Node& node, std::size_t index) {
  return index < node.inputs.size() ? node.inputs[index] : kNoValue;
}

AttributeList window_attributes(const Window2d& window, std::int64_t groups, const Shape& filter) {
  return {{"kernel_shape", Ints{filter[2], filter[3]}},
          {"strides", Ints{window.stride[0], window.stride[1]}},
          {"pads", Ints(window.pad.begin(), window.pad.end())},
          {"dilations", Ints{window.dilation[0], window.dilation[1]}},
          {"group", groups}};
}

// The filter with the order of its taps reversed.
Tensor reversed_taps(const Tensor& filter) {
  Tensor out = filter.clone();
  const auto taps = static_cast<std::size_t>(filter.shape()[2] * filter.shape()[3]);
  const auto reverse = [taps](auto values) {
    for (std::size_t i = 0; i < values.size(); i += taps)
      std::reverse(values.begin() + static_cast<std::ptrdiff_t>(i),
                   values.begin() + static_cast<std::ptrdiff_t>(i + taps));
  };
  if (filter.dtype() == DType::f32) reverse(out.mutable_values<float>());
  else reverse(out.mutable_values<std::uint8_t>());
  return out;
}

// The integers of the filter (or its floats), turned around if the operator does so.
std::string filter_name(Exporter& e, ValueId filter, bool flip) {
  if (!flip) return e.stored(filter);
  const Tensor* known = e.graph().known(filter);
  if (known == nullptr) Exporter::unsupported("a convolution that flips a computed filter");
  return e.builder().add_initializer(reversed_taps(*known), "flipped_filter");
}

std::string real_filter(Exporter& e, ValueId filter, bool flip) {
  const TensorType& type = e.type(filter);
  if (!flip) return e.real(filter);
  const std::string name = filter_name(e, filter, flip);
  return type.quant ? e.dequantise(name, {type.dtype, type.quant}) : name;
}

// A constant bias with this scale as floats, by the rule of DequantizeLinear.
Tensor dequantised(const Tensor& bias, const Quant& quant) {
  Tensor reals({DType::f32, Shape{bias.shape().elements()}, kNCHW, std::nullopt});
  const auto integers = bias.values<std::int32_t>();
  for (std::size_t k = 0; k < integers.size(); ++k)
    reals.mutable_values<float>()[k] = static_cast<float>(integers[k]) * quant.scale(k);
  return reals;
}

// The bias as real numbers, a map {1,K,1,1} of it as {K}; an s32 bias without a scale of its own
// has that of the sums.
std::string real_bias(Exporter& e, ValueId bias, const TensorType& x, const TensorType& w) {
  if (bias == kNoValue) return {};
  const TensorType& type = e.type(bias);
  const Value& value = e.graph().value(bias);
  Quant quant = w.quant.value_or(Quant{});
  for (float& scale : quant.scales) scale *= x.quant ? x.quant->scale() : 1.0f;
  quant.zero_points.clear();
  if (type.quant) quant = *type.quant;
  if (!quant.is_per_tensor()) quant.axis = 0;
  const std::string wish = value.name.empty() ? "bias" : value.name;
  std::string name;
  if (type.dtype == DType::s32 && value.is_constant() && e.for_tensorrt())
    return e.builder().add_initializer(dequantised(*value.known, quant), wish);
  if (type.shape.rank() != 4) {
    name = e.stored(bias);
  } else if (value.is_constant()) {
    TensorType vector = type;
    vector.shape = {type.shape.elements()};
    name = e.builder().add_initializer(value.known->with_type(vector), wish);
  } else {
    name = e.emit("Reshape", {e.stored(bias), e.integers({-1})});
  }
  return type.dtype == DType::f32 ? name : e.dequantise(name, {DType::s32, quant});
}

// The bare sums as 32-bit integers.
std::string integer_sums(Exporter& e, const Conv2d& op, const Node& node) {
  const ValueId x = node.inputs[0], w = node.inputs[1];
  std::string sums = e.emit("ConvInteger",
                            {e.stored(x), filter_name(e, w, op.flip_filter),
                             e.zero_point(e.type(x)), e.zero_point(e.type(w))},
                            window_attributes(op.window, op.groups, e.type(w).shape));
  if (input(node, 2) == kNoValue) return sums;
  const std::string bias = e.emit("Reshape", {e.stored(node.inputs[2]), e.integers({1, -1, 1, 1})});
  return e.emit("Add", {sums, bias});
}

void export_conv(Exporter& e, const Node& node) {
  const Conv2d& op = *node.as<Conv2d>();
  const ValueId x = node.inputs[0], w = node.inputs[1], z = input(node, 3);
  const ValueId y = node.outputs[0];
  const bool is_float = e.type(x).dtype == DType::f32;
  if (op.output.dtype == DType::s32) return e.define(y, integer_sums(e, op, node));
  if (!is_float && (!e.type(x).quant || !e.type(w).quant))
    Exporter::unsupported("a convolution of integers without scales");

  std::string v = e.emit("Conv",
                         {e.real(x), real_filter(e, w, op.flip_filter),
                          real_bias(e, input(node, 2), e.type(x), e.type(w))},
                         window_attributes(op.window, op.groups, e.type(w).shape));
  if (z != kNoValue && op.z_rounding == ZRounding::twice) {
    e.note_rounding(op.z_rule == QuantRule::onnx);
    v = e.dequantise(e.quantise(e.activate(op.mid_activation, v), op.mid), op.mid);
  }
  if (z != kNoValue) v = e.emit("Add", {v, e.real(z)});
  const bool onnx_rule = is_float || op.rule == EpilogueRule::onnx;
  e.define_real(y, e.activate(op.activation, v), onnx_rule ? QuantRule::onnx : QuantRule::mge);
}

void export_conv_transpose(Exporter& e, const Node& node) {
  const ConvTranspose2d& op = *node.as<ConvTranspose2d>();
  const ValueId x = node.inputs[0], w = node.inputs[1];
  if (op.output.dtype == DType::s32)
    Exporter::unsupported("a transposed convolution whose result stays 32-bit integers");
  AttributeList attributes = window_attributes(op.window, op.groups, e.type(w).shape);
  attributes.emplace_back("output_padding", Ints{op.output_padding[0], op.output_padding[1]});
  const std::string v = e.emit(
      "ConvTranspose", {e.real(x), e.real(w), real_bias(e, input(node, 2), e.type(x), e.type(w))},
      attributes);
  const bool onnx_rule = e.type(x).dtype == DType::f32 || op.rule == EpilogueRule::onnx;
  e.define_real(node.outputs[0], e.activate(op.activation, v),
                onnx_rule ? QuantRule::onnx : QuantRule::mge);
}

// The name with the last two axes exchanged.
std::string transposed(Exporter& e, const std::string& name, std::size_t rank) {
  Ints permutation(rank);
  for (std::size_t i = 0; i < rank; ++i) permutation[i] = static_cast<std::int64_t>(i);
  std::swap(permutation[rank - 1], permutation[rank - 2]);
  return e.emit("Transpose", {name}, {{"perm", permutation}});
}

// The sums of integers, or of floats where neither operand is a matrix.
std::string general_product(Exporter& e, const MatMul& op, const Node& node, bool integers) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 2; ++i) {
    const ValueId operand = node.inputs[i];
    const std::string name = integers ? e.stored(operand) : e.real(operand);
    const bool transpose = i == 0 ? op.transpose_a : op.transpose_b;
    const std::size_t rank = e.type(operand).shape.rank();
    names.push_back(transpose && rank > 1 ? transposed(e, name, rank) : name);
  }
  const ValueId bias = input(node, 2);
  if (integers)
    for (std::size_t i = 0; i < 2; ++i) names.push_back(e.zero_point(e.type(node.inputs[i])));
  const std::string product = e.emit(integers ? "MatMulInteger" : "MatMul", names);
  if (bias == kNoValue) return product;
  return e.emit("Add", {product, integers ? e.stored(bias)
                                          : real_bias(e, bias, e.type(node.inputs[0]),
                                                      e.type(node.inputs[1]))});
}

void export_matmul(Exporter& e, const Node& node) {
  const MatMul& op = *node.as<MatMul>();
  const TensorType& a = e.type(node.inputs[0]);
  const TensorType& b = e.type(node.inputs[1]);
  const TensorType& y = e.type(node.outputs[0]);
  if (y.dtype == DType::s32) return e.define(node.outputs[0], general_product(e, op, node, true));
  std::string v;
  if (a.shape.rank() == 2 && b.shape.rank() == 2 && input(node, 2) != kNoValue) {
    v = e.emit(
        "Gemm",
        {e.real(node.inputs[0]), e.real(node.inputs[1]), real_bias(e, node.inputs[2], a, b)},
        {{"transA", std::int64_t{op.transpose_a}}, {"transB", std::int64_t{op.transpose_b}}});
  } else {
    v = general_product(e, op, node, false);
  }
  const bool onnx_rule = a.dtype == DType::f32 || op.rule == EpilogueRule::onnx;
  e.define_real(node.outputs[0], e.activate(op.activation, v),
                onnx_rule ? QuantRule::onnx : QuantRule::mge);
}

constexpr ExportRow kRows[] = {
    {Conv2d::kKind, export_conv},
    {ConvTranspose2d::kKind, export_conv_transpose},
    {MatMul::kKind, export_matmul},
};

}  // namespace

std::span<const ExportRow> product_exports() { return kRows; }

}  // namespace octet::onnx
