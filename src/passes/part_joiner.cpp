#include "passes/part_joiner.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>

namespace octet {

PartJoiner::PartJoiner(std::span<const std::vector<std::size_t>> successors)
    : parent_(successors.size()) {
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  for (const auto& nodes : successors) successors_.emplace_back(nodes.begin(), nodes.end());
}

std::size_t PartJoiner::group(std::size_t node) const {
  while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
  return node;
}

bool PartJoiner::has_detour(std::size_t from, std::size_t to) const {
  // Nodes behind every joined one are alone and lead to nodes further behind, never back.
  const std::size_t bound = std::max(furthest_, to);
  std::vector<std::size_t> open;
  std::unordered_set<std::size_t> seen{from};
  const auto follow = [&](std::size_t id) {
    const auto& nodes = successors_[id];
    for (auto node = nodes.begin(); node != nodes.end() && *node <= bound; ++node)
      if (seen.insert(group(*node)).second) open.push_back(group(*node));
  };
  follow(from);
  std::erase(open, to);  // the direct edges
  seen.erase(to);
  while (!open.empty()) {
    const std::size_t next = open.back();
    open.pop_back();
    if (next == to) return true;
    follow(next);
  }
  return false;
}

bool PartJoiner::join(std::size_t producer, std::size_t user) {
  const std::size_t from = group(producer), to = group(user);
  if (from == to || has_detour(from, to)) return from == to;
  parent_[to] = from;
  furthest_ = std::max({furthest_, producer, user});
  successors_[from].merge(successors_[to]);
  auto& nodes = successors_[from];
  for (auto node = nodes.begin(); node != nodes.end() && *node <= furthest_;)
    node = group(*node) == from ? nodes.erase(node) : std::next(node);
  successors_[to].clear();
  return true;
}

}  // namespace octet
