// Rebuilds a graph node by node, letting rules replace a node by others.
//
// A rule looks backwards only: at the operators that made the node's inputs in the new graph. So
// one sweep in topological order is enough, whatever the rules do to each other's results.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ir/graph.hpp"

namespace octet::onnx {

class Rewriter {
 public:
  // The values that stand for the node's outputs, or nullopt to try the next rule. `inputs` are
  // the node's inputs in the new graph.
  using Rule = std::optional<std::vector<ValueId>> (*)(Rewriter& rewriter, const Node& node,
                                                       std::span<const ValueId> inputs);

  explicit Rewriter(const Graph& source) : source_(source) {}

  // The new graph, without what nothing reads any more. Call once.
  Graph run(std::span<const Rule> rules);

  Graph& graph() noexcept { return graph_; }
  // True when the old graph has one reader of the new graph's `value`, and it is no output: it may
  // be left out.
  bool is_read_once(ValueId value) const;

  // Adds a node; where it only moves or converts constants, its result as a constant instead.
  ValueId add(OpPtr op, std::vector<ValueId> inputs, const std::string& name);
  std::vector<ValueId> add_node(OpPtr op, std::vector<ValueId> inputs, const std::string& name);

 private:
  void copy_leaf(ValueId id);
  void rewrite(const Node& node, std::span<const Rule> rules);
  std::optional<std::vector<ValueId>> apply(Rule rule, const Node& node,
                                            std::span<const ValueId> inputs);
  void stand_for(ValueId old, ValueId value);

  bool may_fold(const Op& op, const std::vector<ValueId>& inputs);

  const Graph& source_;
  Graph graph_;
  std::size_t fold_budget_ = 0;           // bytes of constants that may still be made
  std::vector<ValueId> new_of_;           // by the old graph's ids
  std::vector<std::size_t> readers_;      // by the old graph's ids; an output counts as two
  std::vector<std::size_t> new_readers_;  // by the new graph's ids
};

}  // namespace octet::onnx
