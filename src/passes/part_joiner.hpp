// Joins nodes into groups such that the graph of the groups has no cycle.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <vector>

namespace octet {

// Starts with every node in a group of its own. Nodes are numbered producers before users.
class PartJoiner {
 public:
  // successors[i]: the nodes that read what node i gives.
  explicit PartJoiner(std::span<const std::vector<std::size_t>> successors);

  std::size_t group(std::size_t node) const;
  // Joins the groups of two nodes, one of which reads the other, unless that makes a cycle: unless
  // another path leads from the one group to the other.
  bool join(std::size_t producer, std::size_t user);

 private:
  bool has_detour(std::size_t from, std::size_t to) const;

  mutable std::vector<std::size_t> parent_;        // of a forest whose roots stand for the groups
  std::vector<std::set<std::size_t>> successors_;  // at the roots: nodes that the group leads to
  std::size_t furthest_ = 0;                       // the greatest node that was joined to another
};

}  // namespace octet
