#include "ops/subgraph.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"
#include "ir/graph_hash.hpp"
#include "ops/evaluate.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// Each kind of operator with how often it stands there, in the order in which they come.
std::string summary_of(const Graph& graph) {
  std::vector<std::pair<std::string_view, std::size_t>> kinds;
  for (const NodeId id : graph.order()) {
    const std::string_view kind = graph.node(id).kind();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const auto& entry) { return entry.first == kind; });
    if (found != kinds.end()) ++found->second;
    else kinds.emplace_back(kind, 1);
  }
  std::string text;
  for (const auto& [kind, count] : kinds)
    text += concat(text.empty() ? "" : ",", kind, count > 1 ? concat('*', count) : std::string());
  return text;
}

std::vector<TensorType> output_types(const Graph& graph) {
  std::vector<TensorType> types;
  for (const GraphOutput& output : graph.outputs()) {
    types.push_back(graph.type(output.value));
    types.back().layout = kNCHW;
  }
  return types;
}

}  // namespace

Subgraph::Subgraph(Graph graph, std::string name, std::string engine)
    : graph_(std::move(graph)), name_(std::move(name)), engine_(std::move(engine)) {
  verify(graph_);
  summary_ = summary_of(graph_);
  structure_ = structure_hash(graph_);
}

void Subgraph::visit(AttributeVisitor& visitor) const {
  if (!engine_.empty()) visitor.text("engine", engine_);
  visitor.text("operators", summary_);
  visitor.text("structure", to_hex(structure_));
}

bool Subgraph::fits(std::span<const TensorType> inputs) const {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    TensorType type = graph_.type(graph_.inputs()[i]);
    type.layout = inputs[i].layout;
    if (!(type == inputs[i])) return false;
  }
  return true;
}

Graph Subgraph::inner_for(std::span<const TensorType> inputs) const {
  if (fits(inputs)) return graph_;
  std::map<std::string, TensorType> types;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Value& own = graph_.value(graph_.inputs()[i]);
    TensorType type = inputs[i];
    if (type.shape.rank() == own.type.shape.rank()) type.layout = own.type.layout;
    types.emplace(own.name, std::move(type));
  }
  Graph graph = graph_;
  graph.set_input_types(types);
  return graph;
}

std::vector<TensorType> Subgraph::infer(const InferArgs& args) const {
  const std::size_t count = graph_.inputs().size();
  require(args.count() == count, "the sub-graph has ", count, " inputs, but ", args.count(),
          " were given");
  if (fits(args.types)) return output_types(graph_);
  return output_types(inner_for(args.types));
}

void Subgraph::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  std::vector<TensorType> types;
  for (const ConstView& input : inputs) types.push_back(*input.type);
  const std::vector<Tensor> values =
      fits(types) ? evaluate(graph_, inputs) : evaluate(inner_for(types), inputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& result = values[static_cast<std::size_t>(graph_.outputs()[i].value)];
    std::memcpy(outputs[i].data, result.data(), result.bytes());
  }
}

}  // namespace octet
