#include "passes/pass.hpp"

namespace octet {

void run_pipeline(const Pipeline& pipeline, Graph& graph,
                  const std::function<void(const Pass&, const Graph&)>& after) {
  for (const Pass& pass : pipeline) {
    pass.run(graph);
    graph.compact();
#ifndef NDEBUG
    verify(graph);
#endif
    if (after) after(pass, graph);
  }
}

}  // namespace octet
