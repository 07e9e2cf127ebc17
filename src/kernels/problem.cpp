#include "base/format.hpp"
#include "kernels/kernel.hpp"

namespace octet {

Problem Problem::of(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  Problem problem;
  problem.op = node.op;
  for (const ValueId input : node.inputs) {
    const bool present = input != kNoValue;
    problem.present.push_back(present);
    problem.inputs.push_back(present ? graph.type(input) : TensorType{});
    problem.constants.push_back(graph.known(input));
  }
  for (const ValueId output : node.outputs) problem.outputs.push_back(graph.type(output));
  return problem;
}

std::string Problem::text() const {
  std::string text = to_text(*op) + " in=";
  for (std::size_t i = 0; i < inputs.size(); ++i)
    text += concat(i == 0 ? "" : ";", present[i] ? inputs[i].to_string() : "-",
                   constants[i] != nullptr ? "*" : "");
  text += " out=";
  for (std::size_t i = 0; i < outputs.size(); ++i)
    text += concat(i == 0 ? "" : ";", outputs[i].to_string());
  return text;
}

}  // namespace octet
