#include "passes/pass_harness.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "backends/reference/backend.hpp"
#include "runtime/engine.hpp"

namespace octet::testing {
namespace {

NamedTensors run(const Graph& graph, const NamedTensors& inputs) {
  static const std::unique_ptr<Backend> reference = make_reference_backend();
  static FirstAccepting chooser;
  EngineOptions options;
  options.plan.backends = {reference.get()};
  options.plan.chooser = &chooser;
  Engine engine(graph, options);
  NamedTensors outputs;
  engine.run(inputs, outputs);
  return outputs;
}

}  // namespace

ValueId GraphMaker::input(DType dtype, const Shape& shape, std::optional<Quant> quant) {
  return graph.add_input("x" + std::to_string(++inputs_), {dtype, shape, kNCHW, std::move(quant)});
}

ValueId GraphMaker::constant(DType dtype, const Shape& shape, std::optional<Quant> quant) {
  return graph.add_constant(random_tensor(random_, {dtype, shape, kNCHW, std::move(quant)}));
}

ValueId GraphMaker::conv(ValueId x, std::int64_t k, std::int64_t r, float output_scale) {
  Conv2d op;
  op.output = s8(output_scale);
  return conv(x, k, r, op);
}

ValueId GraphMaker::conv(ValueId x, std::int64_t k, std::int64_t r, Conv2d op) {
  const std::int64_t pad = r / 2, c = graph.type(x).shape[1];
  op.window.pad = {pad, pad, pad, pad};
  const ValueId w = constant(DType::s8, {k, c / op.groups, r, r}, Quant::per_tensor(0.01f));
  const ValueId bias = constant(DType::s32, {k});
  return graph.add(make_op<Conv2d>(std::move(op)), {x, w, bias});
}

ValueId GraphMaker::elementwise(ElementwiseMode mode, std::vector<ValueId> operands,
                                std::optional<OutputSpec> output, QuantRule rule) {
  Elementwise op;
  op.mode = mode;
  op.output = std::move(output);
  op.rule = rule;
  return graph.add(make_op<Elementwise>(op), std::move(operands));
}

OutputSpec s8(float scale) { return {DType::s8, Quant::per_tensor(scale)}; }

std::size_t count(const Graph& graph, std::string_view kind) {
  const std::vector<NodeId> order = graph.order();
  return static_cast<std::size_t>(std::count_if(
      order.begin(), order.end(), [&](NodeId id) { return graph.node(id).kind() == kind; }));
}

NamedTensors random_inputs(const Graph& graph, std::uint64_t seed) {
  Random random(seed);
  NamedTensors inputs;
  for (const ValueId id : graph.inputs())
    inputs.push_back({graph.value(id).name, random_tensor(random, graph.type(id))});
  return inputs;
}

NamedTensors compute(const Graph& graph, std::uint64_t seed) {
  return run(graph, random_inputs(graph, seed));
}

Graph expect_same_results(const Graph& graph, const Pipeline& passes) {
  Graph changed = graph;
  run_pipeline(passes, changed);
  verify(changed);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const NamedTensors before = compute(graph, seed), after = compute(changed, seed);
    EXPECT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      EXPECT_EQ(before[i].name, after[i].name);
      EXPECT_EQ(before[i].tensor.type(), after[i].tensor.type());
      EXPECT_TRUE(std::ranges::equal(before[i].tensor.values<std::byte>(),
                                     after[i].tensor.values<std::byte>()))
          << before[i].name << " differs after the passes:\n"
          << to_text(changed);
    }
  }
  return changed;
}

}  // namespace octet::testing
