// Short ways to write the operators that the tests of passes are made of.
#pragma once

#include <gtest/gtest.h>

#include "base/format.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/shape.hpp"
#include "passes/pass_harness.hpp"

namespace octet::testing {

// The graph behind the passes, for tests that look at it alone.
inline Graph after(const Pipeline& passes, Graph graph) {
  run_pipeline(passes, graph);
  verify(graph);
  return graph;
}

// The kinds of the nodes in order, "transpose,elementwise".
inline std::string kinds(const Graph& graph) {
  std::vector<std::string_view> kinds;
  for (const NodeId id : graph.order()) kinds.push_back(graph.node(id).kind());
  return join(kinds, ",");
}

inline TensorType f32(const Shape& shape) { return {DType::f32, shape, kNCHW, std::nullopt}; }
inline TensorType s8(const Shape& shape, float scale) {
  return {DType::s8, shape, kNCHW, Quant::per_tensor(scale)};
}

inline ValueId add_ints(Graph& graph, const std::vector<std::int64_t>& values) {
  const TensorType type{DType::s64, Shape{static_cast<std::int64_t>(values.size())}, kNCHW,
                        std::nullopt};
  return graph.add_constant(Tensor::from<std::int64_t>(type, values));
}

inline ValueId add_random(Graph& graph, const TensorType& type, std::uint64_t seed = 7) {
  Random random(seed);
  return graph.add_constant(random_tensor(random, type));
}

inline ValueId reshape(Graph& graph, ValueId x, const std::vector<std::int64_t>& shape) {
  return graph.add(make_op<Reshape>(), {x, add_ints(graph, shape)});
}

inline ValueId transpose(Graph& graph, ValueId x, std::vector<std::int64_t> permutation) {
  Transpose op;
  op.permutation = std::move(permutation);
  return graph.add(make_op<Transpose>(std::move(op)), {x});
}

inline ValueId elementwise(Graph& graph, ElementwiseMode mode, std::vector<ValueId> operands,
                           std::optional<OutputSpec> output = std::nullopt) {
  Elementwise op;
  op.mode = mode;
  op.output = std::move(output);
  return graph.add(make_op<Elementwise>(std::move(op)), std::move(operands));
}

inline ValueId convert(Graph& graph, ValueId x, DType dtype, std::optional<Quant> quant,
                       QuantRule rule = QuantRule::mge) {
  Convert op;
  op.output = {dtype, std::move(quant)};
  op.rule = rule;
  return graph.add(make_op<Convert>(std::move(op)), {x});
}

inline ValueId to_f32(Graph& graph, ValueId x) {
  return convert(graph, x, DType::f32, std::nullopt);
}

}  // namespace octet::testing
