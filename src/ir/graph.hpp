// The graph: operators and the values between them, each value produced once (SSA).
//
// Nodes and values are named by index and live in arrays, so a Graph is a plain value: copying it
// gives an independent graph that shares operators and constant bytes. Indices stay valid until
// compact() is called. Nothing here is thread safe for writers.
#pragma once

#include <functional>
#include <map>
#include <octet/tensor.hpp>
#include <span>
#include <string>
#include <vector>

#include "ir/op.hpp"

namespace octet {

using ValueId = std::int32_t;
using NodeId = std::int32_t;
inline constexpr ValueId kNoValue = -1;  // an optional input that is absent
inline constexpr NodeId kNoNode = -1;

struct Value {
  TensorType type;
  std::string name;           // as in the file; unique among inputs and among outputs
  NodeId producer = kNoNode;  // kNoNode: an input or a constant
  bool is_input = false;
  // The value itself where it is known before the run: always for a constant; for a node's output
  // when its inputs are known and it is small. Valid for the shapes the graph has now.
  std::shared_ptr<const Tensor> known;

  bool is_constant() const noexcept { return producer == kNoNode && !is_input; }
};

struct Node {
  OpPtr op;                     // nullptr: the node was removed
  std::vector<ValueId> inputs;  // kNoValue where an optional input is absent
  std::vector<ValueId> outputs;
  std::string name;  // for reports: the file's name of it, or made from the kind

  template <typename T>
  const T* as() const noexcept {
    return dynamic_cast<const T*>(op.get());
  }
  std::string_view kind() const noexcept { return op->kind(); }
};

struct GraphOutput {
  ValueId value = kNoValue;
  std::string name;
};

class Graph {
 public:
  // --- building -----------------------------------------------------------------------------
  ValueId add_input(std::string name, TensorType type);
  ValueId add_constant(Tensor tensor, std::string name = {});
  // Infers the output types (throws Error with the node's name as `where`) and returns the outputs.
  std::vector<ValueId> add_node(OpPtr op, std::vector<ValueId> inputs, std::string name = {});
  ValueId add(OpPtr op, std::vector<ValueId> inputs, std::string name = {});  // its first output
  void add_output(ValueId value, std::string name);

  // --- reading ------------------------------------------------------------------------------
  const Value& value(ValueId id) const { return values_[static_cast<std::size_t>(id)]; }
  const TensorType& type(ValueId id) const { return value(id).type; }
  const Tensor* known(ValueId id) const { return id == kNoValue ? nullptr : value(id).known.get(); }
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  const Node* producer(ValueId id) const;  // nullptr for inputs and constants
  std::size_t value_count() const noexcept { return values_.size(); }
  std::size_t node_count() const noexcept { return nodes_.size(); }  // removed ones included
  const std::vector<ValueId>& inputs() const noexcept { return inputs_; }
  const std::vector<GraphOutput>& outputs() const noexcept { return outputs_; }
  ValueId find_input(std::string_view name) const;  // kNoValue when there is none

  // Live nodes, producers before users, otherwise in the order they were added.
  // Throws Error(invalid_model) on a cycle.
  std::vector<NodeId> order() const;
  // For each value, the live nodes that read it (a node that reads it twice appears twice).
  std::vector<std::vector<NodeId>> users() const;
  bool is_output(ValueId id) const;

  // --- changing -----------------------------------------------------------------------------
  void rename(ValueId id, std::string name) {
    values_[static_cast<std::size_t>(id)].name = std::move(name);
  }
  // Every reader of `from`, graph outputs included, reads `to` instead.
  void replace_uses(ValueId from, ValueId to);
  void set_output(std::size_t index, ValueId value) { outputs_.at(index).value = value; }
  void set_input(NodeId node, std::size_t index, ValueId value);
  void set_op(NodeId node, OpPtr op);  // infers nothing
  void remove_input(ValueId id);       // an input that nothing reads
  // Makes a node another operator with other inputs and infers; the output values stay the same.
  void rewrite(NodeId node, OpPtr op, std::vector<ValueId> inputs);
  void remove(NodeId node);  // its outputs must have no reader
  // Sets the layout of a value that a node produces (used by layout passes and kernels' choices).
  void set_layout(ValueId id, Layout layout);
  // Gives inputs new types (by name) and infers everything after them again.
  // Throws Error(invalid_argument) for an unknown name, Error(invalid_model) where the graph does
  // not follow the new shape (a frozen batch, say).
  void set_input_types(const std::map<std::string, TensorType>& types);
  // Drops removed and unread nodes and unused values; nodes end up in order(). Ids change.
  void compact();

 private:
  void infer_outputs(Node& node);

  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<ValueId> inputs_;
  std::vector<GraphOutput> outputs_;
};

// Checks what every pass must keep: ids in range, each value produced once, types equal to what
// inference gives (layouts aside), no cycle, outputs present; of graphs inside operators too.
// Throws Error(internal).
void verify(const Graph& graph);

// One line per value and node, a graph inside an operator indented below its node; the form that
// `octet passes --dump` writes.
std::string to_text(const Graph& graph);

// "conv2d stride=1,1 pad=1,1,1,1 ..." : the kind and the attributes of an operator.
std::string to_text(const Op& op);

}  // namespace octet
