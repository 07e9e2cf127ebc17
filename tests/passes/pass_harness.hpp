// Builds small graphs, runs passes on them and compares what they compute before and after.
#pragma once

#include "ops/conv.hpp"
#include "ops/elementwise.hpp"
#include "passes/pass.hpp"
#include "runtime/engine.hpp"
#include "support/random_case.hpp"

namespace octet::testing {

// A graph under construction, with random constants and inputs that repeat from run to run.
class GraphMaker {
 public:
  explicit GraphMaker(std::uint64_t seed = 1) : random_(seed) {}

  ValueId input(DType dtype, const Shape& shape, std::optional<Quant> quant = std::nullopt);
  ValueId constant(DType dtype, const Shape& shape, std::optional<Quant> quant = std::nullopt);
  // A convolution with k filters of r x r, padding r / 2, by MegEngine's dense rule, to s8.
  ValueId conv(ValueId x, std::int64_t k, std::int64_t r, float output_scale = 2.0f);
  // The same with attributes of the caller's; filter and bias are made to fit.
  ValueId conv(ValueId x, std::int64_t k, std::int64_t r, Conv2d op);
  ValueId elementwise(ElementwiseMode mode, std::vector<ValueId> operands,
                      std::optional<OutputSpec> output = std::nullopt,
                      QuantRule rule = QuantRule::mge);
  void output(ValueId value) { graph.add_output(value, "y" + std::to_string(++outputs_)); }

  Graph graph;

 private:
  Random random_;
  int inputs_ = 0, outputs_ = 0;
};

// s8 with this scale.
OutputSpec s8(float scale);

std::size_t count(const Graph& graph, std::string_view kind);
// The only node of this operator; fails the test when there is none.
template <typename Op>
const Op& only(const Graph& graph) {
  const Op* found = nullptr;
  for (const NodeId id : graph.order())
    if (const auto* op = graph.node(id).as<Op>()) found = op;
  if (found == nullptr) throw std::runtime_error("there is no such node");
  return *found;
}

// Values for every input that depend on the seed alone.
NamedTensors random_inputs(const Graph& graph, std::uint64_t seed);
// The outputs for random inputs that depend on the seed alone, by the reference.
NamedTensors compute(const Graph& graph, std::uint64_t seed);

// Runs the passes on a copy and expects the same outputs, bit for bit, on three random inputs.
Graph expect_same_results(const Graph& graph, const Pipeline& passes);

}  // namespace octet::testing
