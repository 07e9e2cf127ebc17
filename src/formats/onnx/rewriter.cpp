#include "formats/onnx/rewriter.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

// Their results are no larger than their inputs but for a change of the element type.
constexpr std::array<std::string_view, 6> kFoldable{"cast",    "convert",   "reshape",
                                                    "squeeze", "transpose", "unsqueeze"};

bool is_foldable(const Graph& graph, const Op& op, const std::vector<ValueId>& inputs) {
  if (std::find(kFoldable.begin(), kFoldable.end(), op.kind()) == kFoldable.end()) return false;
  // A dequantised weight must stay visible as one.
  const auto* convert = dynamic_cast<const Convert*>(&op);
  if (convert != nullptr && !convert->output.quant) return false;
  return std::all_of(inputs.begin(), inputs.end(),
                     [&](ValueId id) { return id != kNoValue && graph.value(id).is_constant(); });
}

Tensor evaluate(const Graph& graph, const Op& op, const std::vector<ValueId>& inputs) {
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  std::vector<ConstView> views;
  for (const ValueId id : inputs) {
    types.push_back(graph.type(id));
    known.push_back(graph.known(id));
    views.emplace_back(*known.back());
  }
  Tensor result(op.infer({types, known}).at(0));
  const View view(result);
  op.compute(views, {&view, 1});
  return result;
}

// Chains of foldable nodes could otherwise multiply a large constant until the memory is full.
constexpr std::size_t kFoldFactor = 8;

std::size_t constant_bytes(const Graph& graph) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const Value& value = graph.value(static_cast<ValueId>(i));
    if (value.is_constant()) bytes += value.known->bytes();
  }
  return bytes;
}

}  // namespace

Graph Rewriter::run(std::span<const Rule> rules) {
  fold_budget_ = kFoldFactor * constant_bytes(source_);
  new_of_.assign(source_.value_count(), kNoValue);
  readers_.assign(source_.value_count(), 0);
  const auto users = source_.users();
  for (std::size_t i = 0; i < users.size(); ++i) readers_[i] = users[i].size();
  for (const GraphOutput& output : source_.outputs())
    readers_[static_cast<std::size_t>(output.value)] += 2;
  for (const ValueId id : source_.inputs()) copy_leaf(id);
  for (const NodeId id : source_.order()) rewrite(source_.node(id), rules);
  for (const GraphOutput& output : source_.outputs()) {
    copy_leaf(output.value);
    graph_.add_output(new_of_[static_cast<std::size_t>(output.value)], output.name);
  }
  graph_.compact();
  return std::move(graph_);
}

bool Rewriter::is_read_once(ValueId value) const {
  const auto i = static_cast<std::size_t>(value);
  return i < new_readers_.size() && new_readers_[i] == 1;
}

ValueId Rewriter::add(OpPtr op, std::vector<ValueId> inputs, const std::string& name) {
  return add_node(std::move(op), std::move(inputs), name).front();
}

std::vector<ValueId> Rewriter::add_node(OpPtr op, std::vector<ValueId> inputs,
                                        const std::string& name) {
  if (is_foldable(graph_, *op, inputs))
    return {graph_.add_constant(evaluate(graph_, *op, inputs), name)};
  return graph_.add_node(std::move(op), std::move(inputs), name);
}

bool Rewriter::may_fold(const Op& op, const std::vector<ValueId>& inputs) {
  if (!is_foldable(graph_, op, inputs)) return false;
  constexpr std::size_t kWidest = 8;  // bytes of the largest element
  const auto bytes = static_cast<std::size_t>(graph_.type(inputs[0]).shape.elements()) * kWidest;
  if (bytes > fold_budget_) return false;
  fold_budget_ -= bytes;
  return true;
}

// Inputs and constants are taken over when the first reader needs them.
void Rewriter::copy_leaf(ValueId id) {
  const Value& value = source_.value(id);
  if (new_of_[static_cast<std::size_t>(id)] != kNoValue || value.producer != kNoNode) return;
  stand_for(id, value.is_input ? graph_.add_input(value.name, value.type)
                               : graph_.add_constant(*value.known, value.name));
}

void Rewriter::rewrite(const Node& node, std::span<const Rule> rules) {
  std::vector<ValueId> inputs;
  for (const ValueId id : node.inputs) {
    if (id != kNoValue) copy_leaf(id);
    inputs.push_back(id == kNoValue ? kNoValue : new_of_[static_cast<std::size_t>(id)]);
  }
  std::optional<std::vector<ValueId>> results;
  for (const Rule rule : rules)
    if ((results = apply(rule, node, inputs))) break;
  if (!results) results = add_node(node.op, inputs, node.name);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) stand_for(node.outputs[i], results->at(i));
}

// Not every operator exists for every quantised type (16 bits, say). Where the form that a rule
// asks for does not, the node stays as it is.
std::optional<std::vector<ValueId>> Rewriter::apply(Rule rule, const Node& node,
                                                    std::span<const ValueId> inputs) {
  try {
    return rule(*this, node, inputs);
  } catch (const Error& error) {
    if (error.status().code() != StatusCode::unsupported) throw;
    return std::nullopt;
  }
}

void Rewriter::stand_for(ValueId old, ValueId value) {
  const auto from = static_cast<std::size_t>(old), to = static_cast<std::size_t>(value);
  new_of_[from] = value;
  if (new_readers_.size() <= to) new_readers_.resize(to + 1, 0);
  new_readers_[to] += readers_[from];
  const Value& now = graph_.value(value);
  if (now.producer != kNoNode && now.name.empty()) graph_.rename(value, source_.value(old).name);
}

}  // namespace octet::onnx
