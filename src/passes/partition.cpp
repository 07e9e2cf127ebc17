#include "passes/partition.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/format.hpp"
#include "passes/outline.hpp"
#include "passes/part_joiner.hpp"

namespace octet {
namespace {

bool is_known(const Graph& graph, const Node& node) {
  return std::all_of(node.outputs.begin(), node.outputs.end(),
                     [&](ValueId id) { return graph.known(id) != nullptr; });
}

class Partitioner {
 public:
  Partitioner(const Graph& graph, const PartitionOptions& options)
      : graph_(graph), options_(options), order_(graph.order()) {}

  Partition run() {
    for (std::size_t i = 0; i < order_.size(); ++i) number_[order_[i]] = i;
    for (const NodeId id : order_) ask(id);
    join_all();
    collect();
    return std::move(result_);
  }

 private:
  void ask(NodeId id) {
    const Node& node = graph_.node(id);
    Verdict verdict = Verdict::accept();
    const bool known = is_known(graph_, node);
    if (!known && node.op->inner() != nullptr) verdict = Verdict::refuse("it is a sub-graph");
    else if (!known) verdict = options_.supports(graph_, id);
    if (!verdict.ok()) result_.refusals.push_back({id, verdict.reason()});
    eligible_.push_back(!known && verdict.ok());
    kinds_.push_back(kind_of(graph_, node));
  }

  std::vector<std::size_t> successors_of(std::size_t i,
                                         const std::vector<std::vector<NodeId>>& users) const {
    std::vector<std::size_t> successors;
    for (const ValueId output : graph_.node(order_[i]).outputs)
      for (const NodeId user : users[static_cast<std::size_t>(output)])
        successors.push_back(number_.at(user));
    return successors;
  }

  // A join may open the way for another one, so this goes on until nothing is joined. At that point
  // no union of several groups is free of cycles either: in one that were, the edge from any group
  // to the first of its successors there would have no detour.
  void join_all() {
    const auto users = graph_.users();
    std::vector<std::vector<std::size_t>> successors;
    for (std::size_t i = 0; i < order_.size(); ++i) successors.push_back(successors_of(i, users));
    joiner_ = std::make_unique<PartJoiner>(successors);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t user = 0; user < order_.size(); ++user)
        for (const ValueId input : graph_.node(order_[user]).inputs)
          if (graph_.producer(input) != nullptr)
            changed |= try_join(number_.at(graph_.value(input).producer), user);
    }
  }

  bool try_join(std::size_t producer, std::size_t user) {
    if (!eligible_[producer] || !eligible_[user] || kinds_[producer] != kinds_[user]) return false;
    if (joiner_->group(producer) == joiner_->group(user)) return false;
    return joiner_->join(producer, user);
  }

  void collect() {
    std::map<std::size_t, std::size_t> sizes, part_of;
    for (std::size_t i = 0; i < order_.size(); ++i)
      if (eligible_[i]) ++sizes[joiner_->group(i)];
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!eligible_[i]) continue;
      const std::size_t group = joiner_->group(i);
      if (sizes[group] < options_.min_nodes) {
        result_.refusals.push_back(
            {order_[i], concat("its sub-graph would have ", sizes[group],
                               sizes[group] == 1 ? " operator" : " operators", ", fewer than ",
                               options_.min_nodes)});
        continue;
      }
      const auto [entry, is_new] = part_of.emplace(group, result_.parts.size());
      if (is_new) result_.parts.push_back({kinds_[i], {}});
      result_.parts[entry->second].nodes.push_back(order_[i]);
    }
    std::stable_sort(
        result_.refusals.begin(), result_.refusals.end(),
        [&](const Refusal& a, const Refusal& b) { return number_[a.node] < number_[b.node]; });
  }

  const Graph& graph_;
  const PartitionOptions& options_;
  const std::vector<NodeId> order_;
  std::unordered_map<NodeId, std::size_t> number_;  // the place in order_
  std::vector<bool> eligible_;                      // by number, like the next
  std::vector<PartKind> kinds_;
  std::unique_ptr<PartJoiner> joiner_;
  Partition result_;
};

}  // namespace

std::string_view to_string(PartKind kind) noexcept {
  return kind == PartKind::int8 ? "int8" : "float";
}

PartKind kind_of(const Graph& graph, const Node& node) {
  const auto quantised = [&](ValueId id) {
    return id != kNoValue && graph.type(id).is_quantised();
  };
  return std::any_of(node.inputs.begin(), node.inputs.end(), quantised) ||
                 std::any_of(node.outputs.begin(), node.outputs.end(), quantised)
             ? PartKind::int8
             : PartKind::floating;
}

Partition partition(const Graph& graph, const PartitionOptions& options) {
  return Partitioner(graph, options).run();
}

std::string subgraph_name(const PartitionOptions& options, std::size_t part) {
  return concat(options.engine, "_", part);
}

Pass outline_parts_pass(PartitionOptions options) {
  return {concat("outline_for_", options.engine), [options](Graph& graph) {
            const Partition found = partition(graph, options);
            for (std::size_t i = 0; i < found.parts.size(); ++i)
              outline(graph, found.parts[i].nodes, subgraph_name(options, i), options.engine);
          }};
}

}  // namespace octet
