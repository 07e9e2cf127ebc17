// Runs a graph by the operators' own reference computation, node after node.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/format.hpp"
#include "ir/graph.hpp"

namespace octet::testing {

// The outputs of `graph` for these inputs, whose types must be the graph's.
inline std::vector<Tensor> evaluate(const Graph& graph,
                                    const std::map<std::string, Tensor>& inputs) {
  std::vector<Tensor> values(graph.value_count());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    if (graph.known(id) != nullptr) values[i] = *graph.known(id);
  }
  for (const ValueId id : graph.inputs()) {
    const auto found = inputs.find(graph.value(id).name);
    if (found == inputs.end())
      throw Error(StatusCode::invalid_argument,
                  concat("no value for the input ", graph.value(id).name));
    if (found->second.shape() != graph.type(id).shape ||
        found->second.dtype() != graph.type(id).dtype)
      throw Error(StatusCode::invalid_argument, concat("the input ", graph.value(id).name, " is ",
                                                       found->second.type().to_string(),
                                                       " instead of ", graph.type(id).to_string()));
    values[static_cast<std::size_t>(id)] = found->second.with_type(graph.type(id));
  }
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::vector<ConstView> in;
    for (const ValueId input : node.inputs)
      in.push_back(input == kNoValue ? ConstView()
                                     : ConstView(values[static_cast<std::size_t>(input)]));
    std::vector<View> out;
    for (const ValueId output : node.outputs) {
      Tensor& tensor = values[static_cast<std::size_t>(output)];
      tensor = Tensor(graph.type(output));
      out.emplace_back(tensor);
    }
    node.op->compute(in, out);
  }
  std::vector<Tensor> outputs;
  for (const GraphOutput& output : graph.outputs())
    outputs.push_back(values[static_cast<std::size_t>(output.value)]);
  return outputs;
}

}  // namespace octet::testing
