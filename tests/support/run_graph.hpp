// Computes a graph node by node with the operators' own meaning.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet::test {

// Every value of the graph, by id; inputs by name, of the shapes that the graph has now.
std::map<ValueId, Tensor> run_values(const Graph& graph,
                                     const std::map<std::string, Tensor>& inputs);

// The outputs in the graph's order. The graph is inferred anew for the shapes of the inputs.
std::vector<Tensor> run_outputs(Graph graph, const std::map<std::string, Tensor>& inputs);

// Random values for every input: bytes of a picture for floats, the whole range for 8-bit integers.
std::map<std::string, Tensor> random_inputs(const Graph& graph, std::int64_t batch = 0);

}  // namespace octet::test
