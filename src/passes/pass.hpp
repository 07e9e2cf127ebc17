// A pass is a value: a name and a function on the graph. pipelines.cpp holds the ordered lists.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet {

struct Pass {
  std::string name;
  std::function<void(Graph&)> run;
};

using Pipeline = std::vector<Pass>;

// Runs the passes in order, compacting the graph after each, and calls `after` with each result.
// In debug builds the graph is verified after each pass.
void run_pipeline(const Pipeline& pipeline, Graph& graph,
                  const std::function<void(const Pass&, const Graph&)>& after = {});

}  // namespace octet
