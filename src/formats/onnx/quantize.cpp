// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.
#include "base/format.hpp"
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/quantised.hpp"
#include "formats/onnx/tensor_reader.hpp"
#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

constexpr QuantInputs kParameters{1, 2};

void check_attributes(const OnnxNode& node) {
  node.attributes().ignore({"saturate"});  // only 8-bit floats ask for it
  if (node.attributes().integer("block_size", 0) != 0)
    node.unsupported("quantisation in blocks is not supported");
}

// The normalised axis; 0 where there is one scale, because then no axis needs to exist.
std::int64_t quant_axis(const OnnxNode& node) {
  const std::int64_t axis = node.attributes().integer("axis", 1);
  if (node.shape(1).elements() <= 1) return 0;
  const std::int64_t along = node.axis(axis, node.rank(0));
  if (node.shape(0)[static_cast<std::size_t>(along)] != node.shape(1).elements())
    node.invalid(concat("there are ", node.shape(1).elements(), " scales for axis ", along, " of ",
                        node.shape(0).to_string()));
  return along;
}

// The element type of the quantised side.
DType quantised_dtype(const OnnxNode& node) {
  const auto declared = static_cast<int>(node.attributes().integer("output_dtype", 0));
  if (node.has_input(2)) return node.type(2).dtype;
  return declared == 0 ? DType::u8 : read_dtype(declared);
}

ValueId by_input(const OnnxNode& node, bool dequantize, DType dtype) {
  QuantizeByInput op;
  op.dequantize = dequantize;
  op.dtype = dtype;
  op.axis = static_cast<int>(node.shape(1).elements() > 1 ? quant_axis(node) : 0);
  std::vector<ValueId> inputs{node.plain(node.input(0)), node.cast(node.input(1), DType::f32)};
  if (node.has_input(2)) inputs.push_back(node.plain(node.input(2)));
  return node.add(make_op<QuantizeByInput>(op), std::move(inputs));
}

std::vector<ValueId> quantize_linear(OnnxNode& node) {
  check_attributes(node);
  const DType dtype = quantised_dtype(node);
  const std::int64_t axis = quant_axis(node);
  if (!has_known_quant(node, kParameters)) return {by_input(node, false, dtype)};
  return {quantise(node, node.input(0), OutputSpec{dtype, known_quant(node, kParameters, axis)})};
}

std::vector<ValueId> dequantize_linear(OnnxNode& node) {
  check_attributes(node);
  const std::int64_t axis = node.attributes().integer("axis", 1);
  const DType result = node.type(1).dtype;
  if (!has_known_quant(node, kParameters))
    return {node.cast(by_input(node, true, node.type(0).dtype), result)};
  const ValueId typed = quantised_input(node, 0, kParameters, axis);
  return {node.cast(dequantise(node, typed), result)};
}

std::vector<ValueId> dynamic_quantize_linear(OnnxNode& node) {
  return node.add_node(make_op<DynamicQuantize>(), {node.input(0)});
}

constexpr OpRow kRows[] = {
    {"QuantizeLinear", 10, kLastOpset, Operands::f32, quantize_linear},
    {"QuantizeLinear", 1, 1, Operands::f32, quantize_linear, kMicrosoft},
    {"DequantizeLinear", 10, kLastOpset, Operands::as_is, dequantize_linear},
    {"DequantizeLinear", 1, 1, Operands::as_is, dequantize_linear, kMicrosoft},
    {"DynamicQuantizeLinear", 11, kLastOpset, Operands::f32, dynamic_quantize_linear},
};

}  // namespace

std::span<const OpRow> quantize_operators() { return kRows; }

}  // namespace octet::onnx
