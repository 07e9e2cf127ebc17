#include "passes/outline.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/format.hpp"
#include "ops/subgraph.hpp"

namespace octet {
namespace {

// Nodes as a bit per node of the graph.
std::vector<char> membership(const Graph& graph, std::span<const NodeId> nodes) {
  std::vector<char> inside(graph.node_count(), 0);
  for (const NodeId id : nodes) {
    if (id < 0 || static_cast<std::size_t>(id) >= inside.size() || !graph.node(id).op)
      throw Error(StatusCode::invalid_argument, concat("there is no node ", id, " to outline"));
    inside[static_cast<std::size_t>(id)] = 1;
  }
  return inside;
}

// Gives each value inside a name that no other input or output there has.
class Names {
 public:
  std::string unique(const std::string& wanted, const char* otherwise) {
    std::string name = wanted;
    for (int i = 0; name.empty() || !taken_.insert(name).second; ++i)
      name = concat(wanted.empty() ? otherwise : wanted, wanted.empty() ? "" : "_", i);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

// Adds a node of one graph to another, layouts and names of its outputs included.
void copy_node(const Graph& from, const Node& node, Graph& to,
               std::unordered_map<ValueId, ValueId>& copies) {
  std::vector<ValueId> inputs;
  for (const ValueId id : node.inputs) inputs.push_back(id == kNoValue ? kNoValue : copies.at(id));
  const std::vector<ValueId> outputs = to.add_node(node.op, std::move(inputs), node.name);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Value& value = from.value(node.outputs[i]);
    to.set_layout(outputs[i], value.type.layout);
    to.rename(outputs[i], value.name);
    copies[node.outputs[i]] = outputs[i];
  }
}

class Outliner {
 public:
  Outliner(Graph& graph, std::span<const NodeId> nodes)
      : graph_(graph), inside_(membership(graph, nodes)) {}

  NodeId run(const std::string& name, const std::string& engine) {
    for (const NodeId id : graph_.order())
      if (is_inside(id)) take(id);
    find_outputs();
    for (const ValueId id : outputs_) {
      const std::string output = output_names_.unique(graph_.value(id).name, "y");
      inner_.add_output(copies_.at(id), output);
    }
    const std::vector<ValueId> results =
        graph_.add_node(make_op<Subgraph>(std::move(inner_), name, engine), inputs_, name);
    for (std::size_t i = 0; i < results.size(); ++i) {
      graph_.set_layout(results[i], graph_.type(outputs_[i]).layout);
      graph_.rename(results[i], graph_.value(outputs_[i]).name);
      graph_.replace_uses(outputs_[i], results[i]);
    }
    for (auto id = taken_.rbegin(); id != taken_.rend(); ++id) graph_.remove(*id);
    return static_cast<NodeId>(graph_.node_count() - 1);
  }

 private:
  bool is_inside(NodeId id) const { return inside_[static_cast<std::size_t>(id)] != 0; }

  void take(NodeId id) {
    const Node& node = graph_.node(id);
    for (const ValueId input : node.inputs)
      if (input != kNoValue && !copies_.contains(input)) bring(input);
    copy_node(graph_, node, inner_, copies_);
    taken_.push_back(id);
  }

  void bring(ValueId id) {
    const Value& value = graph_.value(id);
    // A value that is known for the shapes of now may be what an operator inside infers from.
    if (value.known) {
      copies_[id] = inner_.add_constant(*value.known, value.name);
    } else {
      copies_[id] = inner_.add_input(input_names_.unique(value.name, "x"), value.type);
      inputs_.push_back(id);
    }
  }

  void find_outputs() {
    const auto users = graph_.users();
    for (const NodeId id : taken_)
      for (const ValueId output : graph_.node(id).outputs) {
        const auto& readers = users[static_cast<std::size_t>(output)];
        if (graph_.is_output(output) ||
            std::any_of(readers.begin(), readers.end(), [&](NodeId n) { return !is_inside(n); }))
          outputs_.push_back(output);
      }
  }

  Graph& graph_;
  std::vector<char> inside_;
  Graph inner_;
  Names input_names_, output_names_;
  std::vector<NodeId> taken_;
  std::vector<ValueId> inputs_, outputs_;
  std::unordered_map<ValueId, ValueId> copies_;  // of values outside, by their id
};

}  // namespace

bool is_convex(const Graph& graph, std::span<const NodeId> nodes) {
  const std::vector<char> inside = membership(graph, nodes);
  // Nodes outside that depend on one inside: none inside may depend on them.
  std::vector<char> after(graph.node_count(), 0);
  for (const NodeId id : graph.order()) {
    bool leads_out = false;
    for (const ValueId input : graph.node(id).inputs) {
      if (graph.producer(input) == nullptr) continue;
      const auto producer = static_cast<std::size_t>(graph.value(input).producer);
      leads_out = leads_out || after[producer] != 0;
      if (!inside[static_cast<std::size_t>(id)] && inside[producer])
        after[static_cast<std::size_t>(id)] = 1;
    }
    if (!leads_out) continue;
    if (inside[static_cast<std::size_t>(id)]) return false;
    after[static_cast<std::size_t>(id)] = 1;
  }
  return true;
}

NodeId outline(Graph& graph, std::span<const NodeId> nodes, const std::string& name,
               const std::string& engine) {
  if (!is_convex(graph, nodes))
    throw Error(StatusCode::invalid_argument,
                concat("the nodes of sub-graph \"", name,
                       "\" are not convex: a path between two of them leads outside"));
  return Outliner(graph, nodes).run(name, engine);
}

void inline_subgraph(Graph& graph, NodeId id) {
  const Node outer = graph.node(id);
  const Graph& inner = *outer.op->inner();
  std::unordered_map<ValueId, ValueId> copies;
  for (std::size_t i = 0; i < outer.inputs.size(); ++i) copies[inner.inputs()[i]] = outer.inputs[i];
  for (std::size_t i = 0; i < inner.value_count(); ++i)
    if (const Value& value = inner.value(static_cast<ValueId>(i)); value.is_constant())
      copies[static_cast<ValueId>(i)] = graph.add_constant(*value.known, value.name);
  for (const NodeId node : inner.order()) copy_node(inner, inner.node(node), graph, copies);
  for (std::size_t i = 0; i < outer.outputs.size(); ++i)
    graph.replace_uses(outer.outputs[i], copies.at(inner.outputs()[i].value));
  graph.remove(id);
}

}  // namespace octet
