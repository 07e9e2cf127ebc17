// Which layouts the operators of a graph could run in.
#pragma once

#include <span>

#include "kernels/kernel.hpp"
#include "passes/layout_policy.hpp"

namespace octet {

struct LayoutOption {
  Layout in, out;  // of the operands that count, and of the outputs
  friend bool operator==(const LayoutOption&, const LayoutOption&) = default;
};

std::string to_string(const LayoutOption& option);  // "NHWC4", "NCHW-NHWC4"

// An operator with more than one option.
struct LayoutChoices {
  NodeId node = kNoNode;
  std::vector<std::size_t> operands;  // inputs that have the layout `in`; the others keep theirs
  std::vector<LayoutOption> options;  // the first is what the graph has
};

// Asks all policies for each operator that runs (those whose results are known do not). Open are:
// what some policy wants, and the default layout beside that; for operators that follow, every
// layout that some operator of the graph may have; for those that convert, every pair of them. The
// graph may have relayouts in it.
std::vector<LayoutChoices> layout_choices(const Graph& graph,
                                          std::span<const LayoutPolicy> policies);

// Gives each operator the option of this index, every reader a relayout where it needs one, and
// the outputs of the graph the layouts they had. Relayouts that were in the graph are left behind
// unread. Node ids stay valid until the graph is compacted.
void apply_layouts(Graph& graph, std::span<const LayoutChoices> choices,
                   std::span<const std::size_t> options);

// The operator with this option instead of the one it has in the graph.
Problem problem_with(const Graph& graph, const LayoutChoices& choices, std::size_t option);

// Bringing a value from one layout into another.
Problem relayout_problem(const TensorType& type, const Layout& from, const Layout& to);

}  // namespace octet
