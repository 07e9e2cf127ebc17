// Functions between DequantizeLinear and QuantizeLinear: one operator that reads and writes
// integers and computes the same floats in between.
#include "formats/onnx/qdq.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "ops/product.hpp"
#include "ops/reduce.hpp"

namespace octet::onnx {
namespace {

using Results = std::optional<std::vector<ValueId>>;

// Each operand in its quantised form where it has one. nullopt when none has, or when one is
// neither quantised nor f32.
std::optional<std::vector<ValueId>> quantised_operands(const Graph& graph,
                                                       std::span<const ValueId> inputs) {
  std::vector<ValueId> operands;
  bool any = false;
  for (const ValueId input : inputs) {
    const ValueId source = dequantised_from_per_tensor(graph, input);
    if (source == kNoValue && graph.type(input).dtype != DType::f32) return {};
    any |= source != kNoValue;
    operands.push_back(source == kNoValue ? input : source);
  }
  if (!any) return {};
  return operands;
}

// relu(a + b) is one function of two operands.
std::optional<ElementwiseMode> with_relu(ElementwiseMode mode) {
  if (mode == ElementwiseMode::add) return ElementwiseMode::add_relu;
  return std::nullopt;
}

Results quantise_elementwise(Rewriter& rewriter, const Node& function, ElementwiseMode mode,
                             const OutputSpec& output) {
  auto operands = quantised_operands(rewriter.graph(), function.inputs);
  if (!operands) return {};
  Elementwise op = *function.as<Elementwise>();
  op.mode = mode;
  op.output = output;
  op.rule = QuantRule::onnx;
  return {{rewriter.add(make_op<Elementwise>(op), std::move(*operands), function.name)}};
}

// The addition under a Relu that nothing else reads.
const Node* sum_under_relu(const Rewriter& rewriter, const Graph& graph, const Node& function) {
  const Elementwise* relu = function.as<Elementwise>();
  if (relu == nullptr || relu->mode != ElementwiseMode::relu) return nullptr;
  const ValueId sum = function.inputs[0];
  const Node* node = graph.producer(sum);
  if (node == nullptr || !rewriter.is_read_once(sum) || graph.type(sum).is_quantised())
    return nullptr;
  const Elementwise* add = node->as<Elementwise>();
  return add != nullptr && with_relu(add->mode) ? node : nullptr;
}

template <typename Op>
Results with_output(Rewriter& rewriter, const Node& function, const OutputSpec& output) {
  const ValueId source = dequantised_from_per_tensor(rewriter.graph(), function.inputs[0]);
  if (source == kNoValue || !is_byte_integer(rewriter.graph().type(source).dtype)) return {};
  Op op = *function.as<Op>();
  op.output = output;
  op.rule = QuantRule::onnx;
  return {{rewriter.add(make_op<Op>(op), {source}, function.name)}};
}

Results quantise_concat(Rewriter& rewriter, const Node& function, const OutputSpec& output) {
  std::vector<ValueId> parts;
  for (const ValueId input : function.inputs) {
    const ValueId source = dequantised_from_per_tensor(rewriter.graph(), input);
    if (source == kNoValue) return {};
    parts.push_back(source);
  }
  const std::string name = function.name;  // adding nodes moves the old ones
  const OpPtr concat = function.op;
  for (ValueId& part : parts) part = add_quantise(rewriter, part, output, name);
  return {{rewriter.add(concat, std::move(parts), name)}};
}

}  // namespace

Results quantise_function(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  const OutputSpec* output = quantised_to(node);
  const Graph& graph = rewriter.graph();
  if (output == nullptr || !is_per_tensor(*output) || size_of(output->dtype) > 2) return {};
  const Node* producer = graph.producer(inputs[0]);
  if (producer == nullptr || !rewriter.is_read_once(inputs[0])) return {};
  const Node function = *producer;
  if (const Node* sum = sum_under_relu(rewriter, graph, function)) {
    const Node addition = *sum;
    return quantise_elementwise(rewriter, addition, *with_relu(addition.as<Elementwise>()->mode),
                                *output);
  }
  if (const Elementwise* elementwise = function.as<Elementwise>())
    return quantise_elementwise(rewriter, function, elementwise->mode, *output);
  if (!is_byte_integer(output->dtype)) return {};
  if (function.as<Pool2d>() != nullptr) return with_output<Pool2d>(rewriter, function, *output);
  if (function.as<Softmax>() != nullptr) return with_output<Softmax>(rewriter, function, *output);
  if (function.as<Concat>() != nullptr) return quantise_concat(rewriter, function, *output);
  return {};
}

}  // namespace octet::onnx
