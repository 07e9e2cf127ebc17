#include <algorithm>
#include <octet/operator_export.hpp>

#include "api/guard.hpp"
#include "api/model_impl.hpp"
#include "base/format.hpp"
#include "formats/onnx/writer.hpp"
#include "ops/evaluate.hpp"
#include "passes/outline.hpp"
#include "passes/pipelines.hpp"

namespace octet {
namespace {

// The graph for the shapes of the inputs, which are given back in its order.
Graph graph_for(const Model& model, const NamedTensors& inputs, std::vector<Tensor>& ordered) {
  Graph graph = model.impl().graph;
  std::map<std::string, TensorType> types;
  for (const ValueId id : graph.inputs()) {
    const Value& value = graph.value(id);
    const auto given = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const NamedTensor& t) { return t.name == value.name; });
    if (given == inputs.end() || given->tensor.dtype() != value.type.dtype)
      throw Error(StatusCode::invalid_input, concat("a tensor for the input \"", value.name, "\", ",
                                                    value.type.to_string(), ", is missing"));
    TensorType type = value.type;
    type.shape = given->tensor.shape();
    types.emplace(value.name, std::move(type));
    ordered.push_back(given->tensor);
  }
  graph.set_input_types(types);
  run_pipeline(cleaning_pipeline(), graph);
  return graph;
}

OperatorExport export_one(const Graph& graph, NodeId id, const std::vector<Tensor>& values) {
  const Node& node = graph.node(id);
  OperatorExport result{node.name, std::string(node.kind()), {}, {}, {}, {}};
  ModelFile file;
  Graph outlined = graph;
  const Node& outside = outlined.node(outline(outlined, {{id}}, node.name));
  file.graph = *outside.op->inner();
  try {
    result.onnx = write_onnx(file);
  } catch (const Error& error) {
    if (error.status().code() != StatusCode::unsupported) throw;
    result.refusal = error.what();
  }
  for (const ValueId input : outside.inputs)
    result.inputs.push_back(values[static_cast<std::size_t>(input)]);
  // The outlined node gives its outputs in the order of the node, but for those that nobody reads.
  const auto users = graph.users();
  for (const ValueId output : node.outputs)
    if (graph.is_output(output) || !users[static_cast<std::size_t>(output)].empty())
      result.outputs.push_back(values[static_cast<std::size_t>(output)]);
  return result;
}

}  // namespace

Result<std::vector<OperatorExport>> export_operators(const Model& model,
                                                     const NamedTensors& inputs) {
  return guarded([&] {
    std::vector<Tensor> given;
    const Graph graph = graph_for(model, inputs, given);
    std::vector<Tensor> values =
        evaluate(graph, std::vector<ConstView>(given.begin(), given.end()));
    // Inputs are borrowed there, and what is exported outlives them.
    for (std::size_t i = 0; i < given.size(); ++i)
      values[static_cast<std::size_t>(graph.inputs()[i])] = given[i];
    std::vector<OperatorExport> exports;
    for (const NodeId id : graph.order()) exports.push_back(export_one(graph, id, values));
    return exports;
  });
}

}  // namespace octet
