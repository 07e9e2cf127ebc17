// Chooses the layouts of a graph by what its operators and relayouts take.
#pragma once

#include <optional>

#include "kernels/cost_source.hpp"
#include "passes/layout_choices.hpp"

namespace octet {

struct FoundLayouts {
  std::vector<std::size_t> options;              // of each of the choices
  std::vector<std::vector<LayoutInfo>> layouts;  // likewise: the chosen one, then the others
  double milliseconds = 0.0;                     // of the operators that choose, with all relayouts
  double before = 0.0;                           // the same for the layouts that the graph has
  std::size_t measurements = 0;                  // beyond those of the graph as it is
  bool is_exact = true;                          // see layout_solver.hpp
};

// The layouts that together take the least time. The graph as it is is one of the possibilities,
// and is kept unless others are faster; an operator that leaves its layout must gain 2 %, which is
// the scatter of measurements. Nothing where what the graph takes as it is may not be measured.
//
// Alternatives are measured only where that can change the outcome. The best solution is searched
// with bounds in the place of times that are not known; of what it stands on, the largest that is
// not known is measured; and so on, until it stands on times alone or is no better than the graph
// as it is. Then no other can be better, if the bounds hold.
std::optional<FoundLayouts> search_layouts(const Graph& graph,
                                           std::span<const LayoutChoices> choices,
                                           CostSource& costs);

}  // namespace octet
