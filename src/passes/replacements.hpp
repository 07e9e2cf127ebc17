// Replaces values while a pass walks the graph from producers to users: each node is told when it
// is reached, so a whole pass costs one walk.
#pragma once

#include <unordered_map>

#include "ir/graph.hpp"

namespace octet {

class Replacements {
 public:
  explicit Replacements(Graph& graph) : graph_(graph) {}

  // Readers that are told from now on read `to` instead of `from`.
  void replace(ValueId from, ValueId to) { to_[from] = resolve(to); }
  void tell(NodeId node);
  // To be called last.
  void tell_outputs();

 private:
  ValueId resolve(ValueId value) const {
    // What replaces a value may have been replaced later.
    for (auto found = to_.find(value); found != to_.end(); found = to_.find(value))
      value = found->second;
    return value;
  }

  Graph& graph_;
  std::unordered_map<ValueId, ValueId> to_;
};

}  // namespace octet
