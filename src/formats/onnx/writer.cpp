#include "formats/onnx/writer.hpp"

#include <algorithm>
#include <limits>
#include <octet/status.hpp>
#include <optional>

#include "base/format.hpp"
#include "formats/onnx/exporter.hpp"

namespace octet {
namespace {

constexpr const char* kOpenBatch = "N";

bool has_batch(const TensorType& type) { return type.shape.rank() > 0; }

// The graph with this extent on axis 0 of every input; nullopt where it does not follow.
std::optional<Graph> with_batch(const Graph& graph, std::int64_t batch) {
  std::map<std::string, TensorType> types;
  for (const ValueId input : graph.inputs()) {
    TensorType type = graph.type(input);
    if (has_batch(type)) type.shape[0] = batch;
    types.emplace(graph.value(input).name, std::move(type));
  }
  try {
    Graph other = graph;
    other.set_input_types(types);
    return other;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Some batch that the graph follows, if it follows a single image too.
std::optional<Graph> with_other_batch(const Graph& graph) {
  if (!with_batch(graph, 1)) return std::nullopt;
  std::int64_t batch = 2;
  for (const ValueId input : graph.inputs())
    if (has_batch(graph.type(input))) batch = std::max(batch, graph.type(input).shape[0] + 1);
  return with_batch(graph, batch);
}

void set_type(onnx::proto::ValueInfoProto& info, const TensorType& type, bool open_batch) {
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::data_type_of(type.dtype));
  auto& shape = *tensor.mutable_shape();
  for (std::size_t axis = 0; axis < type.shape.rank(); ++axis) {
    auto& extent = *shape.add_dim();
    if (axis == 0 && open_batch) extent.set_dim_param(kOpenBatch);
    else extent.set_dim_value(type.shape[axis]);
  }
}

void declare_types(const Graph& graph, onnx::proto::GraphProto& message) {
  const std::optional<Graph> other = with_other_batch(graph);
  for (const ValueId input : graph.inputs()) {
    onnx::proto::ValueInfoProto& info = *message.add_input();
    info.set_name(graph.value(input).name);
    set_type(info, graph.type(input), other.has_value() && has_batch(graph.type(input)));
  }
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const TensorType& type = graph.type(graph.outputs()[i].value);
    const bool follows = other && has_batch(type) &&
                         other->type(other->outputs()[i].value).shape[0] != type.shape[0];
    set_type(*message.mutable_output(static_cast<int>(i)), type, follows);
  }
}

// The first version of the format that knows the opset.
int ir_version_of(int opset) { return opset < 15 ? 7 : opset < 19 ? 8 : 9; }

void add_opset(onnx::proto::ModelProto& model, const char* domain, int version) {
  onnx::proto::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain(domain);
  opset.set_version(version);
}

std::vector<std::byte> serialise(const onnx::proto::ModelProto& model) {
  const std::size_t size = model.ByteSizeLong();
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error(StatusCode::resource_exhausted,
                concat("the model takes ", size, " bytes; an ONNX file holds at most 2 GiB"));
  std::vector<std::byte> bytes(size);
  if (!model.SerializeToArray(bytes.data(), static_cast<int>(size)))
    throw Error(StatusCode::internal, "the ONNX message cannot be serialised");
  return bytes;
}

}  // namespace

std::vector<std::byte> write_onnx(const ModelFile& model, std::vector<std::string>* warnings,
                                  const OnnxOptions& options) {
  const int opset = options.opset;
  if (opset < OnnxOptions::kFirstOpset || opset > OnnxOptions::kLastOpset)
    throw Error(StatusCode::invalid_argument,
                concat("models are written at opset ", OnnxOptions::kFirstOpset, " to ",
                       OnnxOptions::kLastOpset, ", not ", opset));
  if (!model.checks.empty())
    throw Error(StatusCode::unsupported,
                "the checks of a test-case file cannot be written to ONNX");
  onnx::Exporter exporter(model.graph, options);
  exporter.run();
  onnx::proto::GraphProto& graph = exporter.builder().graph();
  graph.set_name("octet");
  declare_types(model.graph, graph);

  onnx::proto::ModelProto message;
  message.set_ir_version(ir_version_of(opset));
  message.set_producer_name("octet");
  add_opset(message, "", opset);
  if (exporter.builder().uses_microsoft()) add_opset(message, "com.microsoft", 1);
  message.mutable_graph()->Swap(&graph);
  if (warnings != nullptr && exporter.changed_roundings() > 0)
    warnings->push_back(concat(exporter.changed_roundings(),
                               " operators round half away from zero, as MegEngine does; in ONNX "
                               "they round half to even, so that values may differ by one step"));
  return serialise(message);
}

}  // namespace octet
