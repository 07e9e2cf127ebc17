#include "formats/onnx/exporter.hpp"

#include <algorithm>
#include <cstring>
#include <octet/status.hpp>
#include <unordered_map>

#include "base/error.hpp"
#include "base/format.hpp"

namespace octet::onnx {
namespace {

const ExportRow* find_row(std::string_view kind) {
  static const auto table = [] {
    std::unordered_map<std::string_view, const ExportRow*> rows;
    for (const auto family : {product_exports, pool_exports, convert_exports, elementwise_exports,
                              shape_exports, move_exports, index_exports, reduce_exports})
      for (const ExportRow& row : family()) rows.emplace(row.kind, &row);
    return rows;
  }();
  const auto found = table.find(kind);
  return found == table.end() ? nullptr : found->second;
}

OutputSpec spec_of(const TensorType& type) { return {type.dtype, type.quant}; }

}  // namespace

void Exporter::unsupported(const std::string& what) {
  throw Error(StatusCode::unsupported, what + " cannot be written to ONNX");
}

void Exporter::require_opset(int first, const std::string& what) const {
  if (opset() < first) unsupported(concat(what, ", which ONNX has from opset ", first, " on,"));
}

Exporter::Exporter(const Graph& graph, const OnnxOptions& options)
    : graph_(graph), options_(options), read_(graph.value_count(), false) {
  for (const NodeId id : graph.order())
    for (const ValueId input : graph.node(id).inputs)
      if (input != kNoValue) read_[static_cast<std::size_t>(input)] = true;
  for (const GraphOutput& output : graph.outputs())
    read_[static_cast<std::size_t>(output.value)] = true;
}

void Exporter::run() {
  for (const ValueId input : graph_.inputs())
    stored_[input] = builder_.unique_name(graph_.value(input).name);
  // Before the values inside, which may have any name.
  for (const GraphOutput& output : graph_.outputs())
    output_names_.push_back(builder_.unique_name(output.name));
  write_nodes();
  name_outputs();
}

void Exporter::write_nodes() {
  for (const NodeId id : graph_.order()) {
    node_ = &graph_.node(id);
    try {
      const ExportRow* row = find_row(node_->kind());
      if (row == nullptr) unsupported(concat("the operator ", node_->kind()));
      row->write(*this, *node_);
    } catch (const Error& error) {
      throw at_place(error, concat(node_->kind(), " \"", node_->name, "\""));
    }
  }
}

void Exporter::name_outputs() {
  for (std::size_t i = 0; i < output_names_.size(); ++i) {
    const GraphOutput& output = graph_.outputs()[i];
    const std::string source = stored(output.value), &name = output_names_[i];
    // An input, a constant or a value that is an output already gets its second name by a node.
    bool free = true;
    for (const proto::ValueInfoProto& other : builder_.graph().output())
      free = free && other.name() != source;
    if (free && builder_.rename(source, name)) stored_[output.value] = name;
    else builder_.add_node("Identity", {source}, {name}, {}, name);
    builder_.graph().add_output()->set_name(name);
  }
}

const std::string& Exporter::stored(ValueId value) {
  const auto found = stored_.find(value);
  if (found != stored_.end()) return found->second;
  const Tensor* constant = graph_.known(value);
  if (constant == nullptr || !graph_.value(value).is_constant())
    throw Error(StatusCode::internal, concat("value ", value, " is read before it is written"));
  const std::string& name = graph_.value(value).name;
  return stored_[value] = builder_.add_initializer(
             *constant, name.empty() ? "constant" : std::string_view(name));
}

std::string Exporter::real(ValueId value) {
  const TensorType& type = this->type(value);
  if (type.dtype == DType::f32 && !type.quant) return stored(value);
  const auto found = real_.find(value);
  if (found != real_.end()) return found->second;
  const std::string name =
      type.quant ? dequantise(stored(value), spec_of(type))
                 : emit("Cast", {stored(value)}, {{"to", std::int64_t{data_type_of(DType::f32)}}});
  return real_[value] = name;
}

std::string Exporter::moved(ValueId value) {
  return for_tensorrt() && type(value).quant ? real(value) : stored(value);
}

void Exporter::define_moved(ValueId value, const std::string& name) {
  if (for_tensorrt() && type(value).quant) define(value, quantise(name, spec_of(type(value))));
  else define(value, name);
}

std::string Exporter::int64(ValueId value) {
  const TensorType& type = this->type(value);
  if (type.dtype == DType::s64) return stored(value);
  const auto found = int64_.find(value);
  if (found != int64_.end()) return found->second;
  return int64_[value] =
             emit("Cast", {stored(value)}, {{"to", std::int64_t{data_type_of(DType::s64)}}});
}

std::string Exporter::optional_stored(const Node& node, std::size_t input) {
  if (input >= node.inputs.size() || node.inputs[input] == kNoValue) return {};
  return stored(node.inputs[input]);
}

std::string Exporter::emit(std::string_view op_type, std::vector<std::string> inputs,
                           const AttributeList& attributes) {
  while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
  const std::string_view plain = op_type.substr(op_type.rfind('.') + 1);
  const std::string name = builder_.unique_name(concat(node_->name, ".", plain));
  builder_.add_node(op_type, inputs, {name}, attributes, name);
  return name;
}

std::pair<std::string, std::string> Exporter::parameters(const OutputSpec& spec) {
  const std::string key = octet::to_string(spec);
  const auto found = parameters_.find(key);
  if (found != parameters_.end()) return found->second;

  const Quant& quant = *spec.quant;
  const Shape shape = quant.is_per_tensor() ? Shape{} : Shape{std::ssize(quant.scales)};
  const std::string wish = node_->name;
  const Tensor scales = Tensor::from<float>({DType::f32, shape, kNCHW, std::nullopt}, quant.scales);
  std::pair<std::string, std::string> names{builder_.add_initializer(scales, wish + ".scale"), {}};
  // 32-bit integers are always symmetric and their zero point is left out.
  if (spec.dtype != DType::s32) {
    Tensor points({spec.dtype, shape, kNCHW, std::nullopt});
    const std::size_t size = size_of(spec.dtype);
    for (std::size_t k = 0; k * size < points.bytes(); ++k) {
      const std::int32_t point = quant.zero_point(k);
      // The lower bytes of a little-endian number are its narrow form.
      std::memcpy(points.mutable_data() + k * size, &point, size);
    }
    names.second = builder_.add_initializer(points, wish + ".zero_point");
  }
  return parameters_[key] = names;
}

std::string Exporter::zero_point(const TensorType& type) {
  return type.quant ? parameters(spec_of(type)).second : std::string();
}

std::string Exporter::quantise(const std::string& real, const OutputSpec& output) {
  if (output.dtype == DType::s32) unsupported("a quantisation to 32 bits");
  return emit_scaled("QuantizeLinear", real, output);
}

std::string Exporter::dequantise(const std::string& stored, const OutputSpec& from) {
  return emit_scaled("DequantizeLinear", stored, from);
}

std::string Exporter::emit_scaled(std::string_view op_type, const std::string& x,
                                  const OutputSpec& spec) {
  const auto [scale, point] = parameters(spec);
  const AttributeList axis{{"axis", std::int64_t{std::max(spec.quant->axis, 0)}}};
  // The operator itself takes 16 bits only in later opsets.
  const bool wide = size_of(spec.dtype) == 2;
  return emit(wide ? concat(OnnxBuilder::kMicrosoft, op_type) : std::string(op_type),
              {x, scale, point}, axis);
}

std::string Exporter::activate(const Activation& activation, std::string value) {
  switch (activation.kind) {
    case ActivationKind::none: return value;
    case ActivationKind::relu: return emit("Relu", {value});
    case ActivationKind::clip:
      return emit("Clip", {value, number(activation.alpha), number(activation.beta)});
    case ActivationKind::h_swish: return hard_swish(value);
    case ActivationKind::sigmoid: return emit("Sigmoid", {value});
    case ActivationKind::silu: return emit("Mul", {value, emit("Sigmoid", {value})});
    case ActivationKind::leaky_relu:
      return emit("LeakyRelu", {value}, {{"alpha", activation.alpha}});
    case ActivationKind::tanh: return emit("Tanh", {value});
  }
  unsupported("an unknown activation");
}

std::string Exporter::hard_swish(const std::string& x) {
  if (opset() >= 14) return emit("HardSwish", {x});
  return emit("Mul", {x, emit("HardSigmoid", {x}, {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}})});
}

std::string Exporter::integers(const std::vector<std::int64_t>& values) {
  std::string& name = integers_[values];
  if (name.empty()) name = builder_.add_integers(values, "integers");
  return name;
}

std::string Exporter::number(float value) { return builder_.add_number(value, "number"); }

void Exporter::define(ValueId value, std::string name) { stored_[value] = std::move(name); }

void Exporter::define_real(ValueId value, const std::string& name, QuantRule rule) {
  const TensorType& type = this->type(value);
  if (!type.quant) return define(value, name);
  note_rounding(rule == QuantRule::onnx);
  define(value, quantise(name, spec_of(type)));
}

}  // namespace octet::onnx
