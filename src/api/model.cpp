#include <octet/model.hpp>
#include <set>

#include "api/model_impl.hpp"
#include "base/format.hpp"
#include "kernels/cost.hpp"

namespace octet {
namespace {

void count_constants(const Graph& graph, ModelInfo& info) {
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Value& value = graph.value(static_cast<ValueId>(i));
    if (!value.is_constant()) continue;
    info.parameters += value.type.shape.elements();
    info.parameter_bytes += value.type.bytes();
  }
}

void count_operators(const Graph& graph, ModelInfo& info) {
  for (const NodeId id : graph.order()) {
    const Problem problem = Problem::of(graph, id);
    const std::string kind(problem.op->kind());
    ++info.operators[kind];
    if (!problem.outputs.empty() && problem.outputs[0].is_quantised()) ++info.quantised[kind];
    info.macs += cost_of(problem).macs;
  }
}

// Inputs that only carry the expected values of checks are not for callers to give.
void remove_expectations(Graph& graph, const std::vector<EqualityCheck>& checks) {
  const auto users = graph.users();
  std::set<std::string> removed;
  for (const EqualityCheck& check : checks) {
    if (removed.contains(check.expected)) continue;
    const ValueId id = graph.find_input(check.expected);
    if (id == kNoValue)
      throw Error(StatusCode::invalid_model,
                  concat("it compares with the input \"", check.expected, "\", which is missing"),
                  check.name);
    if (users[static_cast<std::size_t>(id)].empty() && !graph.is_output(id)) {
      graph.remove_input(id);
      removed.insert(check.expected);
    }
  }
}

}  // namespace

Model::Impl::Impl(ModelFile file, std::string origin) : graph(std::move(file.graph)) {
  checks = std::move(file.checks);
  remove_expectations(graph, checks);
  graph.compact();
  for (const ValueId id : graph.inputs()) inputs.push_back({graph.value(id).name, graph.type(id)});
  for (const GraphOutput& output : graph.outputs())
    outputs.push_back({output.name, graph.type(output.value)});
  for (auto& test_case : file.test_cases) {
    NamedTensors& tensors = test_cases.emplace_back();
    for (auto& [name, tensor] : test_case) tensors.push_back({name, std::move(tensor)});
  }
  info.origin = std::move(origin);
  info.format = std::move(file.format);
  info.producer = std::move(file.producer);
  info.optimisations = std::move(file.optimisations);
  info.warnings = std::move(file.warnings);
  count_constants(graph, info);
  count_operators(graph, info);
}

const std::vector<TensorInfo>& Model::inputs() const noexcept { return impl_->inputs; }
const std::vector<TensorInfo>& Model::outputs() const noexcept { return impl_->outputs; }
const ModelInfo& Model::info() const noexcept { return impl_->info; }
const std::vector<NamedTensors>& Model::test_cases() const noexcept { return impl_->test_cases; }
const std::vector<EqualityCheck>& Model::checks() const noexcept { return impl_->checks; }

}  // namespace octet
