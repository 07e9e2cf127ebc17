// Reductions, selections along an axis, normalisations.
#include <numeric>

#include "formats/onnx/exporter.hpp"
#include "ops/norm.hpp"
#include "ops/reduce.hpp"

namespace octet::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

const char* reduce_operator(ReduceMode mode) {
  switch (mode) {
    case ReduceMode::sum: return "ReduceSum";
    case ReduceMode::mean: return "ReduceMean";
    case ReduceMode::max: return "ReduceMax";
    case ReduceMode::min: return "ReduceMin";
    case ReduceMode::product: return "ReduceProd";
    case ReduceMode::sum_square: return "ReduceSumSquare";
    case ReduceMode::l1: return "ReduceL1";
    case ReduceMode::l2: return "ReduceL2";
    case ReduceMode::log_sum: return "ReduceLogSum";
    case ReduceMode::log_sum_exp: return "ReduceLogSumExp";
  }
  return "";
}

Ints all_axes(std::size_t rank) {
  Ints axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// The axes along which a reduction down to a shape runs.
Ints axes_of(const Exporter& e, const Node& node, const Reduce& op) {
  const Shape& x = e.type(node.inputs[0]).shape;
  if (!op.by_shape) return op.axes.empty() ? all_axes(x.rank()) : op.axes;
  const Shape& y = e.type(node.outputs[0]).shape;
  if (y.rank() != x.rank()) return all_axes(x.rank());
  Ints axes;
  for (std::size_t axis = 0; axis < x.rank(); ++axis)
    if (y[axis] == 1) axes.push_back(static_cast<std::int64_t>(axis));
  return axes;
}

void export_reduce(Exporter& e, const Node& node) {
  const Reduce& op = *node.as<Reduce>();
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Ints axes = axes_of(e, node, op);
  const bool to_one = op.by_shape && e.type(y).shape.rank() != e.type(x).shape.rank();
  const bool quantised = e.type(x).quant.has_value();
  const std::string value = quantised ? e.real(x) : e.stored(x);
  AttributeList attributes{{"keepdims", std::int64_t{op.keep_dims || op.by_shape}}};
  std::vector<std::string> inputs{value};
  // The sum takes its axes from an input, the others from opset 18 on.
  if (op.mode == ReduceMode::sum || e.opset() >= 18) inputs.push_back(e.integers(axes));
  else attributes.emplace_back("axes", axes);
  std::string result = e.emit(reduce_operator(op.mode), inputs, attributes);
  if (to_one) result = e.emit("Reshape", {result, e.integers({1})});
  if (quantised) e.define_real(y, result, QuantRule::onnx);
  else e.define(y, result);
}

void export_arg_reduce(Exporter& e, const Node& node) {
  const ArgReduce& op = *node.as<ArgReduce>();
  const std::string index = e.emit(op.largest ? "ArgMax" : "ArgMin", {e.stored(node.inputs[0])},
                                   {{"axis", op.axis},
                                    {"keepdims", std::int64_t{op.keep_dims}},
                                    {"select_last_index", std::int64_t{op.last}}});
  const AttributeList to{{"to", std::int64_t{data_type_of(op.dtype)}}};
  e.define(node.outputs[0], op.dtype == DType::s64 ? index : e.emit("Cast", {index}, to));
}

void export_topk(Exporter& e, const Node& node) {
  const TopK& op = *node.as<TopK>();
  const std::string k = e.emit("Reshape", {e.int64(node.inputs[1]), e.integers({1})});
  const std::string values = e.builder().unique_name(node.name + ".values");
  const std::string indices = e.builder().unique_name(node.name + ".indices");
  e.builder().add_node("TopK", {e.stored(node.inputs[0]), k}, {values, indices},
                       {{"axis", op.axis},
                        {"largest", std::int64_t{op.largest}},
                        {"sorted", std::int64_t{op.sorted}}},
                       node.name);
  e.define(node.outputs[0], values);
  const AttributeList to{{"to", std::int64_t{data_type_of(op.index_dtype)}}};
  e.define(node.outputs[1], op.index_dtype == DType::s64 ? indices : e.emit("Cast", {indices}, to));
}

void export_softmax(Exporter& e, const Node& node) {
  const Softmax& op = *node.as<Softmax>();
  const auto rank = static_cast<std::int64_t>(e.type(node.inputs[0]).shape.rank());
  const bool last = op.axis == -1 || op.axis == rank - 1;
  // This opset knows one axis only; several become one meanwhile.
  const bool flatten = op.flatten_from && !last;
  const std::string x = e.real(node.inputs[0]);
  std::string y = e.emit(op.log ? "LogSoftmax" : "Softmax",
                         {flatten ? e.emit("Flatten", {x}, {{"axis", op.axis}}) : x},
                         {{"axis", flatten ? std::int64_t{-1} : op.axis}});
  if (flatten) y = e.emit("Reshape", {y, e.emit("Shape", {x})});
  e.define_real(node.outputs[0], y, op.rule);
}

void export_cumsum(Exporter& e, const Node& node) {
  const CumSum& op = *node.as<CumSum>();
  const std::string axis = e.emit("Reshape", {e.int64(node.inputs[1]), e.integers({})});
  e.define(node.outputs[0], e.emit("CumSum", {e.stored(node.inputs[0]), axis},
                                   {{"exclusive", std::int64_t{op.exclusive}},
                                    {"reverse", std::int64_t{op.reverse}}}));
}

std::vector<std::string> stored_inputs(Exporter& e, const Node& node) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) names.push_back(e.optional_stored(node, i));
  return names;
}

void export_batch_norm(Exporter& e, const Node& node) {
  const auto epsilon = static_cast<float>(node.as<BatchNorm>()->epsilon);
  e.define(node.outputs[0],
           e.emit("BatchNormalization", stored_inputs(e, node), {{"epsilon", epsilon}}));
}

void export_instance_norm(Exporter& e, const Node& node) {
  const auto epsilon = static_cast<float>(node.as<InstanceNorm>()->epsilon);
  e.define(node.outputs[0],
           e.emit("InstanceNormalization", stored_inputs(e, node), {{"epsilon", epsilon}}));
}

// A weight of ones for a layer normalisation without one, which ONNX does not have.
std::string ones(Exporter& e, const Shape& x, std::int64_t axes) {
  Shape shape;
  for (std::size_t axis = x.rank() - static_cast<std::size_t>(axes); axis < x.rank(); ++axis)
    shape.push_back(x[axis]);
  const std::vector<float> values(static_cast<std::size_t>(shape.elements()), 1.0f);
  return e.builder().add_initializer(
      Tensor::from<float>({DType::f32, shape, kNCHW, std::nullopt}, values), "ones");
}

void export_layer_norm(Exporter& e, const Node& node) {
  const LayerNorm& op = *node.as<LayerNorm>();
  e.require_opset(17, "a layer normalisation");
  std::vector<std::string> inputs = stored_inputs(e, node);
  if (inputs.size() == 1) inputs.push_back(ones(e, e.type(node.inputs[0]).shape, op.axes));
  std::vector<std::string> outputs{e.builder().unique_name(node.name + ".y")};
  // Few programs give the mean and the deviation; nobody shall ask for them in vain.
  for (std::size_t i = 1; i < 3 && (e.is_read(node.outputs[1]) || e.is_read(node.outputs[2])); ++i)
    outputs.push_back(e.builder().unique_name(node.name + ".statistic"));
  e.builder().add_node("LayerNormalization", inputs, outputs,
                       {{"axis", -op.axes}, {"epsilon", static_cast<float>(op.epsilon)}},
                       node.name);
  Ints axes(static_cast<std::size_t>(op.axes));
  std::iota(axes.begin(), axes.end(), -op.axes);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    e.define(node.outputs[i], i == 0 || op.keep_dims
                                  ? outputs[i]
                                  : e.emit("Squeeze", {outputs[i], e.integers(axes)}));
}

void export_lrn(Exporter& e, const Node& node) {
  const LocalResponseNorm& op = *node.as<LocalResponseNorm>();
  e.define(node.outputs[0],
           e.emit("LRN", {e.stored(node.inputs[0])},
                  {{"size", op.size}, {"alpha", op.alpha}, {"beta", op.beta}, {"bias", op.bias}}));
}

constexpr ExportRow kRows[] = {
    {Reduce::kKind, export_reduce},
    {ArgReduce::kKind, export_arg_reduce},
    {TopK::kKind, export_topk},
    {Softmax::kKind, export_softmax},
    {CumSum::kKind, export_cumsum},
    {BatchNorm::kKind, export_batch_norm},
    {InstanceNorm::kKind, export_instance_norm},
    {LayerNorm::kKind, export_layer_norm},
    {LocalResponseNorm::kKind, export_lrn},
};

}  // namespace

std::span<const ExportRow> reduce_exports() { return kRows; }

}  // namespace octet::onnx
