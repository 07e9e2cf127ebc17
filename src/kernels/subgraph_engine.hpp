// What can run a sub-graph as a whole: another inference library, or a plan of our own inside ours.
#pragma once

#include "kernels/kernel.hpp"

namespace octet {

class SubgraphEngine {
 public:
  virtual ~SubgraphEngine() = default;

  virtual std::string_view name() const noexcept = 0;  // "native", "tensorrt"
  // Everything besides the graph that a built engine depends on: versions, the device, settings.
  virtual std::string identity() const = 0;

  struct Built {
    std::unique_ptr<Executable> executable;
    std::vector<std::byte> blob;  // what load() makes the same of; empty: nothing worth keeping
  };
  // Inputs and outputs of the graph are in the default layout. May take minutes. Thread safe.
  virtual Built build(const Graph& graph, const Demands& demands) const = 0;
  // Throws Error where the blob does not fit, whatever its bytes are.
  virtual std::unique_ptr<Executable> load(const Graph& graph, const Demands& demands,
                                           std::span<const std::byte> blob) const = 0;
};

// How a plan gets executables for its sub-graphs. The runtime makes one per session; kernels reach
// it through Demands.
class SubgraphBuilder {
 public:
  virtual ~SubgraphBuilder() = default;

  // The row that stands for this builder beside those of backends.
  virtual const Kernel& kernel() const noexcept = 0;
  virtual Verdict check(const Problem& problem) const = 0;
  virtual std::unique_ptr<Executable> prepare(const Problem& problem,
                                              const Demands& demands) const = 0;
};

// A row under this name that asks demands.subgraphs.
Kernel subgraph_kernel(std::string name);

}  // namespace octet
