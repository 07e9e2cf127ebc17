// Computes a graph node by node with the operators' own meaning.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet::test {

// Every value of the graph but its constants, by id; inputs by name, of the shapes that the graph
// has now.
std::map<ValueId, Tensor> run_values(const Graph& graph,
                                     const std::map<std::string, Tensor>& inputs);

// The outputs in the graph's order. The graph is inferred anew for the shapes of the inputs.
std::vector<Tensor> run_outputs(Graph graph, const std::map<std::string, Tensor>& inputs);

// Random values for every input, always the same: 0 to 255 for floats, the whole range for integers
// of 8 bits. A `batch` above 0 replaces the graph's.
std::map<std::string, Tensor> random_inputs(const Graph& graph, std::int64_t batch = 0);

// Whether type, shape and every byte agree.
bool same_bits(const Tensor& a, const Tensor& b);

}  // namespace octet::test
