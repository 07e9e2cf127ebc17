#include "formats/onnx/importer.hpp"

#include "base/error.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/onnx/node_order.hpp"
#include "formats/onnx/tensor_reader.hpp"
#include "formats/onnx/value_info.hpp"
#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

std::string canonical_domain(const std::string& domain) {
  return domain == "ai.onnx" ? "" : domain;
}

std::map<std::string, std::int64_t> read_opsets(const proto::ModelProto& model) {
  std::map<std::string, std::int64_t> opsets;
  for (const auto& import : model.opset_import()) {
    const std::string domain = canonical_domain(import.domain());
    if (!opsets.emplace(domain, import.version()).second)
      throw Error(StatusCode::invalid_model,
                  concat("the opset of \"", domain, "\" is given twice"));
  }
  if (opsets.empty()) throw Error(StatusCode::invalid_model, "the model imports no opset");
  const auto standard = opsets.find("");
  if (standard != opsets.end() && (standard->second < kFirstOpset || standard->second > kLastOpset))
    throw Error(StatusCode::unsupported,
                concat("opset ", standard->second, " is not supported, only ", kFirstOpset, " to ",
                       kLastOpset),
                {}, "convert the model with onnx.version_converter");
  return opsets;
}

void check_name(const std::string& name) {
  if (name.size() > limits::kNameBytes)
    throw Error(StatusCode::resource_exhausted,
                concat("a name has ", name.size(), " bytes, more than ", limits::kNameBytes));
}

bool is_other_float(DType dtype) {
  return dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f64;
}

// Applies `operands` to the inputs. Gives the type to which f32 results return.
DType prepare_operands(OnnxNode& node, Operands operands) {
  const bool widens = operands == Operands::f32 || operands == Operands::quantised_f32;
  const bool strips = operands == Operands::f32 || operands == Operands::plain;
  DType original = DType::f32;
  bool first = true;
  for (ValueId& input : node.inputs()) {
    if (input == kNoValue) continue;
    if (strips) input = node.plain(input);
    const DType dtype = node.graph().type(input).dtype;
    if (widens && is_other_float(dtype)) {
      if (first) original = dtype;
      input = node.cast(input, DType::f32);
    }
    first = false;
  }
  if (original == DType::f64) node.warn("f64 is computed in f32");
  return original;
}

}  // namespace

Importer::Importer(const proto::ModelProto& model, const ExternalData& external,
                   const ReadOptions& options)
    : model_(model),
      external_(external),
      options_(options),
      opsets_(read_opsets(model)),
      scopes_(1),
      environment_{
          graph_, warnings_,
          [this](const proto::TensorProto& tensor) { return read_tensor(tensor, external_); },
          [this](const proto::GraphProto& graph) { return inline_subgraph(graph); }} {}

Graph Importer::run() {
  const proto::GraphProto& graph = model_.graph();
  add_initializers(graph);
  add_inputs(graph);
  add_nodes(graph);
  add_outputs(graph);
  return std::move(graph_);
}

void Importer::add_inputs(const proto::GraphProto& graph) {
  for (const auto& info : graph.input()) add_input(info);
  for (const auto& [name, tensor] : options_.bound_inputs) {
    bool exists = false;
    for (const auto& info : graph.input()) exists |= info.name() == name;
    if (!exists)
      throw Error(StatusCode::invalid_argument,
                  concat("the model has no input called \"", name, "\""));
  }
}

void Importer::add_input(const proto::ValueInfoProto& info) {
  check_name(info.name());
  const auto bound = options_.bound_inputs.find(info.name());
  if (bound != options_.bound_inputs.end()) {
    check_declared(info, bound->second.type(), StatusCode::invalid_argument);
    scopes_.back().erase(info.name());  // its initializer was only a default
    define(info.name(), graph_.add_constant(bound->second, info.name()));
    return;
  }
  // Before IR version 4 each initializer is listed as an input too.
  if (const ValueId* initializer = find(info.name())) {
    if (graph_.value(*initializer).is_input)
      throw Error(StatusCode::invalid_model,
                  concat("the input \"", info.name(), "\" is listed twice"));
    check_declared(info, graph_.type(*initializer), StatusCode::invalid_model);
    return;
  }
  InputType input = input_type(info);
  if (input.assumes_image)
    warnings_.push_back(concat("the input \"", info.name(), "\" leaves its height or width open: ",
                               kAssumedImageExtent, " is assumed until an input is given"));
  define(info.name(), graph_.add_input(info.name(), std::move(input.type)));
}

void Importer::add_initializers(const proto::GraphProto& graph) {
  if (graph.sparse_initializer_size() > 0)
    throw Error(StatusCode::unsupported, "sparse initializers are not supported",
                concat("tensor \"", graph.sparse_initializer(0).values().name(), "\""));
  for (const auto& tensor : graph.initializer()) {
    check_name(tensor.name());
    define(tensor.name(), graph_.add_constant(read_tensor(tensor, external_), tensor.name()));
  }
}

void Importer::add_nodes(const proto::GraphProto& graph) {
  const auto is_known = [this](const std::string& name) { return find(name) != nullptr; };
  for (const proto::NodeProto* node : ordered_nodes(graph, is_known)) add_node(*node);
}

void Importer::add_node(const proto::NodeProto& node) {
  check_name(node.name());
  const std::vector<ValueId> results = lower(node, opset_of(canonical_domain(node.domain())));
  for (int i = 0; i < node.output_size(); ++i) {
    const std::string& name = node.output(i);
    if (name.empty()) continue;
    check_name(name);
    const auto index = static_cast<std::size_t>(i);
    if (index >= results.size() || results[index] == kNoValue)
      throw Error(StatusCode::unsupported, concat("output ", i, " is not supported"),
                  concat(node.op_type(), " \"", node.name(), "\""));
    define(name, results[index]);
    const Value& value = graph_.value(results[index]);
    if (value.producer != kNoNode && value.name.empty()) graph_.rename(results[index], name);
  }
}

std::vector<ValueId> Importer::lower(const proto::NodeProto& proto, std::int64_t opset) {
  std::vector<ValueId> inputs;
  for (const std::string& name : proto.input())
    inputs.push_back(name.empty() ? kNoValue : *find(name));
  try {
    const OpRow& row = find_operator(canonical_domain(proto.domain()), proto.op_type(), opset);
    OnnxNode node(environment_, proto, std::move(inputs), opset);
    const DType original = prepare_operands(node, row.operands);
    std::vector<ValueId> results = row.lower(node);
    node.attributes().require_all_used();
    for (ValueId& result : results)
      if (result != kNoValue && original != DType::f32 && graph_.type(result).dtype == DType::f32)
        result = node.cast(result, original);
    return results;
  } catch (const Error& error) {
    if (!error.status().where().empty()) throw;
    throw at_place(error, concat(proto.op_type(), " \"", proto.name(), "\""));
  }
}

std::vector<ValueId> Importer::inline_subgraph(const proto::GraphProto& graph) {
  if (scopes_.size() > limits::kSubgraphDepth)
    throw Error(StatusCode::resource_exhausted, "subgraphs are nested too deeply");
  if (graph.input_size() > 0) throw Error(StatusCode::invalid_model, "a branch of If has inputs");
  scopes_.emplace_back();
  add_initializers(graph);
  add_nodes(graph);
  std::vector<ValueId> outputs;
  for (const auto& info : graph.output()) {
    const ValueId* value = find(info.name());
    if (value == nullptr)
      throw Error(StatusCode::invalid_model,
                  concat("the output \"", info.name(), "\" is made by nothing"));
    outputs.push_back(*value);
  }
  scopes_.pop_back();
  return outputs;
}

void Importer::add_outputs(const proto::GraphProto& graph) {
  if (graph.output_size() == 0) throw Error(StatusCode::invalid_model, "the model has no output");
  std::set<std::string> names;
  for (const auto& info : graph.output()) {
    const ValueId* value = find(info.name());
    if (value == nullptr)
      throw Error(StatusCode::invalid_model,
                  concat("the output \"", info.name(), "\" is made by nothing"));
    if (!names.insert(info.name()).second)
      throw Error(StatusCode::invalid_model,
                  concat("the output \"", info.name(), "\" is listed twice"));
    if (info.has_type())
      check_declared_dtype(info, graph_.type(*value).dtype, StatusCode::invalid_model);
    graph_.add_output(*value, info.name());
  }
}

std::int64_t Importer::opset_of(const std::string& domain) const {
  const auto found = opsets_.find(domain);
  if (found != opsets_.end()) return found->second;
  // Models in the field use com.microsoft without importing it; it has had one version so far.
  if (domain == kMicrosoft) return 1;
  throw Error(StatusCode::invalid_model,
              concat("the model uses operators of \"", domain, "\" without importing its opset"));
}

const ValueId* Importer::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return &found->second;
  return nullptr;
}

void Importer::define(const std::string& name, ValueId value) {
  if (name.empty()) throw Error(StatusCode::invalid_model, "a value has no name");
  if (find(name) != nullptr)
    throw Error(StatusCode::invalid_model, concat("the name \"", name, "\" is made twice"));
  scopes_.back().emplace(name, value);
}

}  // namespace octet::onnx
