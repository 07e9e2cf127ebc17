#include "kernels/subgraph_engine.hpp"

namespace octet {
namespace {

Verdict check(const Problem& problem, const Demands& demands) {
  return demands.subgraphs->check(problem);
}

std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands) {
  return demands.subgraphs->prepare(problem, demands);
}

}  // namespace

Kernel subgraph_kernel(std::string name) { return {std::move(name), check, prepare}; }

}  // namespace octet
