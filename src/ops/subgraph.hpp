// A node that stands for a graph: what one engine runs as a whole, or one kernel as a region.
#pragma once

#include "ir/graph.hpp"
#include "ops/attributes.hpp"

namespace octet {

// Inputs and outputs are those of the graph inside, in its order; what it means is what the graph
// means. passes/outline.hpp makes such a node out of others and turns it back. The inputs may come
// in other shapes than the graph has: it is inferred anew for them.
class Subgraph final : public OpBase<Subgraph> {
 public:
  static constexpr std::string_view kKind = "subgraph";

  // `name` is for people and does not change the meaning; `engine` names who is to run the graph
  // ("native", "tensorrt"), empty: any kernel that knows it. Throws Error(internal) for a graph
  // that does not verify().
  explicit Subgraph(Graph graph, std::string name = {}, std::string engine = {});

  const Graph* inner() const noexcept override { return &graph_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& engine() const noexcept { return engine_; }
  // The graph for inputs of these types.
  Graph inner_for(std::span<const TensorType> inputs) const;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;

 private:
  bool fits(std::span<const TensorType> inputs) const;

  Graph graph_;
  std::string name_, engine_;
  std::string summary_;  // "conv2d*20,elementwise*8"
  std::uint64_t structure_ = 0;
};

}  // namespace octet
