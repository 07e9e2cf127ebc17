#include "formats/onnx/qdq.hpp"

#include "ops/convert.hpp"

namespace octet::onnx {

ValueId dequantised_from(const Graph& graph, ValueId value) {
  const Node* node = graph.producer(value);
  if (node == nullptr || graph.type(value).dtype != DType::f32) return kNoValue;
  const Convert* convert = node->as<Convert>();
  if (convert == nullptr || convert->output.quant) return kNoValue;
  return graph.type(node->inputs[0]).is_quantised() ? node->inputs[0] : kNoValue;
}

ValueId dequantised_from_per_tensor(const Graph& graph, ValueId value) {
  const ValueId source = dequantised_from(graph, value);
  if (source == kNoValue || !graph.type(source).quant->is_per_tensor()) return kNoValue;
  return source;
}

namespace {

bool is_short_float(DType dtype) noexcept {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

}  // namespace

ValueId behind_casts(const Graph& graph, ValueId value) {
  for (const Node* node = graph.producer(value); node != nullptr && node->as<Cast>() != nullptr;
       node = graph.producer(value)) {
    if (!is_short_float(graph.type(value).dtype) ||
        !is_short_float(graph.type(node->inputs[0]).dtype))
      break;
    value = node->inputs[0];
  }
  return value;
}

const OutputSpec* quantised_to(const Node& node) {
  const Convert* convert = node.as<Convert>();
  return convert != nullptr && convert->output.quant ? &convert->output : nullptr;
}

ValueId add_dequantise(Rewriter& rewriter, ValueId value, const std::string& name) {
  return add_quantise(rewriter, value, OutputSpec{}, name);
}

ValueId add_quantise(Rewriter& rewriter, ValueId value, const OutputSpec& output,
                     const std::string& name) {
  const TensorType& type = rewriter.graph().type(value);
  if (type.dtype == output.dtype && type.quant == output.quant) return value;
  Convert convert;
  convert.output = output;
  convert.rule = QuantRule::onnx;
  return rewriter.add(make_op<Convert>(convert), {value}, name);
}

bool is_per_tensor(const OutputSpec& output) noexcept {
  return output.quant && output.quant->is_per_tensor();
}

}  // namespace octet::onnx
