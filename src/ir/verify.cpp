#include "base/format.hpp"
#include "ir/graph.hpp"

namespace octet {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(StatusCode::internal, "the graph is broken: " + what);
}

void check_node(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  for (const ValueId input : node.inputs) {
    if (input != kNoValue && static_cast<std::size_t>(input) >= graph.value_count())
      fail(node.name + " reads a value that does not exist");
    types.push_back(input == kNoValue ? absent_type() : graph.type(input));
    types.back().layout = kNCHW;
    known.push_back(graph.known(input));
  }
  const std::vector<TensorType> inferred = node.op->infer({types, known});
  if (inferred.size() != node.outputs.size()) fail(node.name + " has the wrong number of outputs");
  for (std::size_t i = 0; i < inferred.size(); ++i) {
    const Value& output = graph.value(node.outputs[i]);
    if (output.producer != id) fail(node.name + " is not the producer of its output");
    TensorType type = output.type;
    type.layout = inferred[i].layout;
    if (!(type == inferred[i]))
      fail(concat(node.name, " gives ", inferred[i].to_string(), " but its output is ",
                  type.to_string()));
  }
  if (const Graph* inner = node.op->inner()) verify(*inner);
}

}  // namespace

void verify(const Graph& graph) {
  for (const NodeId id : graph.order()) check_node(graph, id);
  for (const GraphOutput& output : graph.outputs()) {
    if (output.value < 0 || static_cast<std::size_t>(output.value) >= graph.value_count())
      fail("output " + output.name + " has no value");
    const Value& value = graph.value(output.value);
    if (value.producer != kNoNode && !graph.node(value.producer).op)
      fail("output " + output.name + " was removed");
  }
}

}  // namespace octet
