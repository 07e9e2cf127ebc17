#include "support/run_graph.hpp"

#include <algorithm>

#include "formats/tensors/fill.hpp"
#include "ops/evaluate.hpp"

namespace octet::test {
std::map<ValueId, Tensor> run_values(const Graph& graph,
                                     const std::map<std::string, Tensor>& inputs) {
  std::vector<ConstView> views;
  for (const ValueId id : graph.inputs()) views.emplace_back(inputs.at(graph.value(id).name));
  const std::vector<Tensor> all = evaluate(graph, views);
  std::map<ValueId, Tensor> values;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].empty() && !graph.value(static_cast<ValueId>(i)).is_constant())
      values[static_cast<ValueId>(i)] = all[i];
  return values;
}

std::vector<Tensor> run_outputs(Graph graph, const std::map<std::string, Tensor>& inputs) {
  std::map<std::string, TensorType> types;
  for (const auto& [name, tensor] : inputs) types.emplace(name, tensor.type());
  graph.set_input_types(types);
  const auto values = run_values(graph, inputs);
  std::vector<Tensor> outputs;
  for (const auto& [value, name] : graph.outputs())
    outputs.push_back(graph.value(value).is_constant() ? *graph.known(value) : values.at(value));
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
