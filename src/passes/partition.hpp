// Divides a graph among us and an engine that runs whole sub-graphs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "passes/pass.hpp"

namespace octet {

// Whether the engine can run a node, or why not.
using SubgraphCapability = std::function<Verdict(const Graph&, NodeId)>;

struct PartitionOptions {
  // Below it a sub-graph is not worth an engine of its own. A softmax behind a fully connected
  // layer, in single operators as MegEngine dumps it, has nine.
  static constexpr std::size_t kMinNodes = 10;

  std::string engine;  // the hint that the sub-graphs get
  SubgraphCapability supports;
  std::size_t min_nodes = kMinNodes;
};

// Nodes that touch a quantised value and nodes that do not never share a sub-graph: an engine takes
// a network as 8-bit or as float, and a boundary between the two is where one is made the other.
enum class PartKind : std::uint8_t { int8, floating };
std::string_view to_string(PartKind kind) noexcept;
PartKind kind_of(const Graph& graph, const Node& node);

struct Part {
  PartKind kind = PartKind::int8;
  std::vector<NodeId> nodes;  // producers before users
};

// A node that stays outside, and why, in words that fit after "because".
struct Refusal {
  NodeId node = kNoNode;
  std::string reason;
};

struct Partition {
  std::vector<Part> parts;  // by their first nodes
  std::vector<Refusal> refusals;
};

// Every part is connected and of one kind, and all of them may become single nodes at once without
// a cycle. No part could be joined with another and keep that. Nodes whose results are known are in
// neither list.
Partition partition(const Graph& graph, const PartitionOptions& options);

// "<engine>_<number>"
std::string subgraph_name(const PartitionOptions& options, std::size_t part);

// Outlines every part of the partition.
Pass outline_parts_pass(PartitionOptions options);

}  // namespace octet
