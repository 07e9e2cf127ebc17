#include "passes/fuse_elementwise.hpp"

#include <algorithm>

#include "ops/pointwise.hpp"
#include "passes/outline.hpp"

namespace octet {
namespace {

using Runs = std::function<bool(const Problem&)>;

// A tree of operators, grown from its last one towards the inputs.
class Tree {
 public:
  Tree(const Graph& graph, NodeId last, const Runs& runs)
      : graph_(graph), users_(graph.users()), runs_(runs), nodes_{last} {}

  void grow() {
    // Also over what is added on the way.
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      for (const ValueId input : graph_.node(nodes_[i]).inputs)
        if (can_join(input)) try_to_join(graph_.value(input).producer);
  }

  const std::vector<NodeId>& nodes() const noexcept { return nodes_; }

 private:
  bool contains(NodeId id) const {
    return std::find(nodes_.begin(), nodes_.end(), id) != nodes_.end();
  }

  bool can_join(ValueId input) const {
    if (graph_.producer(input) == nullptr || graph_.is_output(input)) return false;
    const NodeId producer = graph_.value(input).producer;
    const auto& readers = users_[static_cast<std::size_t>(input)];
    return !contains(producer) && graph_.known(input) == nullptr &&
           graph_.type(input).shape == graph_.type(graph_.node(nodes_[0]).outputs[0]).shape &&
           is_pointwise(graph_, graph_.node(producer)) &&
           std::all_of(readers.begin(), readers.end(), [&](NodeId id) { return contains(id); });
  }

  void try_to_join(NodeId producer) {
    nodes_.push_back(producer);
    Graph trial = graph_;
    const NodeId node = outline(trial, nodes_, graph_.node(nodes_[0]).name);
    if (!runs_(Problem::of(trial, node))) nodes_.pop_back();
  }

  const Graph& graph_;
  std::vector<std::vector<NodeId>> users_;
  const Runs& runs_;
  std::vector<NodeId> nodes_;
};

void run(Graph& graph, const Runs& runs) {
  const std::vector<NodeId> order = graph.order();
  // From the results backwards, so that each operator is met as the last of its tree first.
  for (auto id = order.rbegin(); id != order.rend(); ++id) {
    if (graph.node(*id).op == nullptr || !is_pointwise(graph, graph.node(*id))) continue;
    Tree tree(graph, *id, runs);
    tree.grow();
    if (tree.nodes().size() < 2) continue;
    const std::vector<NodeId> nodes = tree.nodes();
    outline(graph, nodes, graph.node(*id).name);
  }
}

}  // namespace

Pass fuse_elementwise_pass(Runs runs) {
  return {"fuse_elementwise", [runs = std::move(runs)](Graph& graph) { run(graph, runs); }};
}

}  // namespace octet
