#include "ir/graph.hpp"

#include <algorithm>
#include <queue>

#include "base/error.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet {
namespace {

// A node's output is computed at once when all inputs are known and it is at most this large:
// enough for every computation on shapes. Larger constants are folded by the fold_constants pass.
constexpr std::int64_t kEagerElements = 1024;

bool small(const std::vector<TensorType>& types) {
  std::int64_t total = 0;
  for (const TensorType& type : types) total += type.shape.elements();
  return total <= kEagerElements;
}

}  // namespace

ValueId Graph::add_input(std::string name, TensorType type) {
  Value value;
  value.type = std::move(type);
  value.name = std::move(name);
  value.is_input = true;
  values_.push_back(std::move(value));
  const auto id = static_cast<ValueId>(values_.size() - 1);
  inputs_.push_back(id);
  return id;
}

ValueId Graph::add_constant(Tensor tensor, std::string name) {
  Value value;
  value.type = tensor.type();
  value.name = std::move(name);
  value.known = std::make_shared<const Tensor>(std::move(tensor));
  values_.push_back(std::move(value));
  return static_cast<ValueId>(values_.size() - 1);
}

std::vector<ValueId> Graph::add_node(OpPtr op, std::vector<ValueId> inputs, std::string name) {
  if (nodes_.size() >= limits::kNodes || values_.size() >= limits::kValues)
    throw Error(StatusCode::resource_exhausted,
                concat("the model has more than ", limits::kNodes, " operators"));
  for (const ValueId id : inputs)
    if (id != kNoValue && (id < 0 || static_cast<std::size_t>(id) >= values_.size()))
      throw Error(StatusCode::internal,
                  concat("node ", name, " reads a value that does not exist"));
  Node node{std::move(op), std::move(inputs), {}, std::move(name)};
  if (node.name.empty()) node.name = concat(node.kind(), "_", nodes_.size());
  infer_outputs(node);
  nodes_.push_back(std::move(node));
  const auto id = static_cast<NodeId>(nodes_.size() - 1);
  for (const ValueId output : nodes_.back().outputs)
    values_[static_cast<std::size_t>(output)].producer = id;
  return nodes_.back().outputs;
}

ValueId Graph::add(OpPtr op, std::vector<ValueId> inputs, std::string name) {
  return add_node(std::move(op), std::move(inputs), std::move(name)).front();
}

void Graph::add_output(ValueId value, std::string name) {
  outputs_.push_back({value, std::move(name)});
}

// Creates or refreshes the outputs of a node: types, and the values where they are known.
void Graph::infer_outputs(Node& node) {
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  bool all_known = true;
  for (const ValueId id : node.inputs) {
    types.push_back(id == kNoValue ? absent_type() : value(id).type);
    if (id != kNoValue) types.back().layout = kNCHW;
    known.push_back(this->known(id));
    if (id != kNoValue && known.back() == nullptr) all_known = false;
  }
  std::vector<TensorType> outputs;
  try {
    outputs = node.op->infer({types, known});
  } catch (const Error& error) {
    throw at_place(error, concat(node.kind(), " \"", node.name, "\""));
  }
  if (node.outputs.empty()) {
    for (const TensorType& type : outputs) {
      Value value;
      value.type = type;
      values_.push_back(std::move(value));
      node.outputs.push_back(static_cast<ValueId>(values_.size() - 1));
    }
  }
  if (node.outputs.size() != outputs.size())
    throw Error(StatusCode::internal, concat(node.name, " changed its number of outputs"));

  const bool compute = (all_known || node.op->needs_only_types()) && small(outputs);
  std::vector<Tensor> tensors;
  if (compute) {
    std::vector<ConstView> in;
    for (std::size_t i = 0; i < types.size(); ++i)
      in.emplace_back(types[i], known[i] == nullptr ? nullptr : known[i]->data());
    std::vector<View> out;
    tensors.reserve(outputs.size());
    for (const TensorType& type : outputs) out.emplace_back(tensors.emplace_back(type));
    try {
      node.op->compute(in, out);
    } catch (const Error& error) {
      throw at_place(error, concat(node.kind(), " \"", node.name, "\""));
    }
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Value& value = values_[static_cast<std::size_t>(node.outputs[i])];
    const Layout layout = value.type.layout;
    value.type = outputs[i];
    // Inference speaks of the default layout, but for relayout, which names its own.
    if (outputs[i].layout == kNCHW && outputs[i].shape.rank() == 4) value.type.layout = layout;
    value.known = compute ? std::make_shared<const Tensor>(std::move(tensors[i])) : nullptr;
  }
}

const Node* Graph::producer(ValueId id) const {
  if (id == kNoValue || value(id).producer == kNoNode) return nullptr;
  return &node(value(id).producer);
}

ValueId Graph::find_input(std::string_view name) const {
  for (const ValueId id : inputs_)
    if (value(id).name == name) return id;
  return kNoValue;
}

std::vector<NodeId> Graph::order() const {
  std::vector<int> waiting(nodes_.size(), 0);
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  std::size_t live = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].op) continue;
    ++live;
    for (const ValueId input : nodes_[i].inputs)
      if (producer(input) != nullptr) ++waiting[i];
    if (waiting[i] == 0) ready.push(static_cast<NodeId>(i));
  }
  const auto readers = users();
  std::vector<NodeId> sorted;
  sorted.reserve(live);
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    sorted.push_back(id);
    for (const ValueId output : node(id).outputs)
      for (const NodeId reader : readers[static_cast<std::size_t>(output)])
        if (--waiting[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
  }
  if (sorted.size() != live) throw Error(StatusCode::invalid_model, "the graph has a cycle");
  return sorted;
}

std::vector<std::vector<NodeId>> Graph::users() const {
  std::vector<std::vector<NodeId>> readers(values_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].op) continue;
    for (const ValueId input : nodes_[i].inputs)
      if (input != kNoValue)
        readers[static_cast<std::size_t>(input)].push_back(static_cast<NodeId>(i));
  }
  return readers;
}

bool Graph::is_output(ValueId id) const {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [&](const GraphOutput& output) { return output.value == id; });
}

void Graph::replace_uses(ValueId from, ValueId to) {
  for (Node& node : nodes_)
    if (node.op) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  for (GraphOutput& output : outputs_)
    if (output.value == from) output.value = to;
}

void Graph::set_input(NodeId node, std::size_t index, ValueId value) {
  nodes_[static_cast<std::size_t>(node)].inputs.at(index) = value;
}

void Graph::set_op(NodeId node, OpPtr op) {
  nodes_[static_cast<std::size_t>(node)].op = std::move(op);
}

void Graph::remove_input(ValueId id) { std::erase(inputs_, id); }
void Graph::rewrite(NodeId node, OpPtr op, std::vector<ValueId> inputs) {
  Node& rewritten = nodes_[static_cast<std::size_t>(node)];
  rewritten.op = std::move(op);
  rewritten.inputs = std::move(inputs);
  infer_outputs(rewritten);
}

void Graph::remove(NodeId node) {
  Node& removed = nodes_[static_cast<std::size_t>(node)];
  removed.op = nullptr;
  removed.inputs.clear();
}

void Graph::set_layout(ValueId id, Layout layout) {
  values_[static_cast<std::size_t>(id)].type.layout = layout;
}

void Graph::set_input_types(const std::map<std::string, TensorType>& types) {
  for (const auto& [name, type] : types) {
    const ValueId id = find_input(name);
    if (id == kNoValue)
      throw Error(StatusCode::invalid_argument,
                  concat("the model has no input called \"", name, "\""));
    values_[static_cast<std::size_t>(id)].type = type;
  }
  for (const NodeId id : order()) infer_outputs(nodes_[static_cast<std::size_t>(id)]);
}

void Graph::compact() {
  std::vector<NodeId> sorted = order();
  std::vector<char> used(values_.size(), 0);
  for (const ValueId id : inputs_) used[static_cast<std::size_t>(id)] = 1;
  for (const GraphOutput& output : outputs_) used[static_cast<std::size_t>(output.value)] = 1;
  std::vector<NodeId> kept;
  for (auto it = sorted.rbegin(); it != sorted.rend(); ++it) {
    const Node& n = node(*it);
    const bool read = std::any_of(n.outputs.begin(), n.outputs.end(), [&](ValueId id) {
      return used[static_cast<std::size_t>(id)] != 0;
    });
    if (!read) continue;
    kept.push_back(*it);
    for (const ValueId id : n.inputs)
      if (id != kNoValue) used[static_cast<std::size_t>(id)] = 1;
    for (const ValueId id : n.outputs) used[static_cast<std::size_t>(id)] = 1;
  }
  std::reverse(kept.begin(), kept.end());

  std::vector<ValueId> renumbered(values_.size(), kNoValue);
  std::vector<Value> values;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (!used[i]) continue;
    renumbered[i] = static_cast<ValueId>(values.size());
    values_[i].producer = kNoNode;
    values.push_back(std::move(values_[i]));
  }
  std::vector<Node> nodes;
  for (const NodeId id : kept) {
    Node moved = std::move(nodes_[static_cast<std::size_t>(id)]);
    for (ValueId& input : moved.inputs)
      if (input != kNoValue) input = renumbered[static_cast<std::size_t>(input)];
    for (ValueId& output : moved.outputs) {
      output = renumbered[static_cast<std::size_t>(output)];
      values[static_cast<std::size_t>(output)].producer = static_cast<NodeId>(nodes.size());
    }
    nodes.push_back(std::move(moved));
  }
  for (ValueId& id : inputs_) id = renumbered[static_cast<std::size_t>(id)];
  for (GraphOutput& output : outputs_)
    output.value = renumbered[static_cast<std::size_t>(output.value)];
  values_ = std::move(values);
  nodes_ = std::move(nodes);
}

}  // namespace octet
