#include "support/run_graph.hpp"

#include <algorithm>

#include "formats/tensors/fill.hpp"

namespace octet::test {
namespace {

const Tensor& value_of(const Graph& graph, const std::map<ValueId, Tensor>& values, ValueId id) {
  const Tensor* known = graph.known(id);
  return known != nullptr ? *known : values.at(id);
}

}  // namespace

std::map<ValueId, Tensor> run_values(const Graph& graph,
                                     const std::map<std::string, Tensor>& inputs) {
  std::map<ValueId, Tensor> values;
  for (const ValueId id : graph.inputs()) values[id] = inputs.at(graph.value(id).name);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    std::vector<ConstView> in;
    for (const ValueId input : node.inputs)
      in.push_back(input == kNoValue ? ConstView() : ConstView(value_of(graph, values, input)));
    std::vector<Tensor> results;
    for (const ValueId output : node.outputs) results.emplace_back(graph.type(output));
    const std::vector<View> out(results.begin(), results.end());
    node.op->compute(in, out);
    for (std::size_t i = 0; i < results.size(); ++i) values[node.outputs[i]] = results[i];
  }
  return values;
}

std::vector<Tensor> run_outputs(Graph graph, const std::map<std::string, Tensor>& inputs) {
  std::map<std::string, TensorType> types;
  for (const auto& [name, tensor] : inputs) types.emplace(name, tensor.type());
  graph.set_input_types(types);
  const auto values = run_values(graph, inputs);
  std::vector<Tensor> outputs;
  for (const GraphOutput& output : graph.outputs())
    outputs.push_back(value_of(graph, values, output.value));
  return outputs;
}

std::map<std::string, Tensor> random_inputs(const Graph& graph, std::int64_t batch) {
  std::map<std::string, Tensor> inputs;
  std::uint64_t seed = 11;
  for (const ValueId id : graph.inputs()) {
    TensorType type = graph.type(id);
    if (batch > 0 && type.shape.rank() > 0) type.shape[0] = batch;
    RandomRange range{0.0, 255.0, seed++};
    if (!is_float(type.dtype) && size_of(type.dtype) == 1) {
      range.lowest = static_cast<double>(integer_range(type.dtype).lowest);
      range.highest = static_cast<double>(integer_range(type.dtype).highest);
    }
    inputs.emplace(graph.value(id).name, fill_random(type, range, "test"));
  }
  return inputs;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() && std::equal(a.data(), a.data() + a.bytes(), b.data());
}

}  // namespace octet::test
