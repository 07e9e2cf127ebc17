// Runs graphs by the operators' own computations: slow, exact, and with nothing chosen.
#pragma once

#include "ir/graph.hpp"

namespace octet {

// What Op::compute is given in place of an optional input that is absent.
ConstView absent_operand() noexcept;

// What a node makes of these inputs, as tensors of these types. An Error names the node.
std::vector<Tensor> compute_node(const Node& node, std::span<const ConstView> inputs,
                                 std::span<const TensorType> outputs);

// Every value of the graph, by id and in the default layout; empty where there is no such value.
// `inputs` are those of graph.inputs(), in that order and in the default layout, of the shapes that
// the graph has now; their bytes must outlive the result.
std::vector<Tensor> evaluate(const Graph& graph, std::span<const ConstView> inputs);

}  // namespace octet
