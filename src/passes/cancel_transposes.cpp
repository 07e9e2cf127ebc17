#include "passes/cancel_transposes.hpp"

#include <algorithm>
#include <map>

#include "base/limits.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/operands.hpp"
#include "ops/shape.hpp"
#include "passes/arrangement.hpp"
#include "passes/replacements.hpp"

namespace octet {
namespace {

// How far up a chain or a tree of elementwise operators is followed.
constexpr int kDepth = 64;

bool is_plain(const TensorType& type) { return type.layout == kNCHW && channel_axis(type) < 0; }

bool has_plain_types(const Graph& graph, const Node& node) {
  const auto plain = [&](ValueId id) { return id != kNoValue && is_plain(graph.type(id)); };
  return node.outputs.size() == 1 && std::all_of(node.inputs.begin(), node.inputs.end(), plain) &&
         plain(node.outputs[0]);
}

bool is_reshape(const Node& node) {
  return node.as<Reshape>() != nullptr || node.as<Squeeze>() != nullptr ||
         node.as<Unsqueeze>() != nullptr || node.as<Flatten>() != nullptr;
}

bool rearranges(const Graph& graph, const Node& node) {
  return (is_reshape(node) || node.as<Transpose>() != nullptr) && has_plain_types(graph, node);
}

// Each output element depends on the operands' elements at the same place alone.
bool is_pointwise(const Graph& graph, const Node& node) {
  return (node.as<Elementwise>() != nullptr || node.as<Convert>() != nullptr ||
          node.as<Cast>() != nullptr || node.as<SetQuant>() != nullptr ||
          node.as<Identity>() != nullptr) &&
         has_plain_types(graph, node);
}

[[nodiscard]] bool append(Arrangement& arrangement, const Graph& graph, const Node& node) {
  const auto* transpose = node.as<Transpose>();
  if (transpose == nullptr) return arrangement.reshape(graph.type(node.outputs[0]).shape);
  std::vector<std::int64_t> permutation = transpose->permutation;
  const std::size_t rank = arrangement.target().rank();
  if (permutation.empty())
    for (std::size_t axis = rank; axis-- > 0;)
      permutation.push_back(static_cast<std::int64_t>(axis));
  for (std::int64_t& axis : permutation) axis = static_cast<std::int64_t>(resolve_axis(axis, rank));
  arrangement.transpose(permutation);
  return true;
}

// What stands behind some transposes and reshapes, and what these do to it.
struct Chain {
  ValueId source;
  Arrangement arrangement;
  int length = 0;
};

// The longest chain that leads to `value` without passing a value where `stops` says so; length 0
// where it is no transpose or reshape.
template <typename Stops>
std::optional<Chain> chain_to(const Graph& graph, ValueId value, const Stops& stops) {
  std::vector<const Node*> nodes;
  ValueId source = value;
  for (const Node* node = graph.producer(source);
       node != nullptr && nodes.size() < kDepth && rearranges(graph, *node);
       node = graph.producer(source)) {
    nodes.push_back(node);
    source = node->inputs[0];
    if (stops(source)) break;
  }
  // Where reshapes cut axes so that no atoms can tell them, a shorter chain still may do.
  for (;; nodes.pop_back()) {
    auto arrangement = Arrangement::of(graph.type(source).shape);
    if (!arrangement) return std::nullopt;
    bool told = true;
    for (auto node = nodes.rbegin(); told && node != nodes.rend(); ++node)
      told = append(*arrangement, graph, **node);
    if (told) return Chain{source, *arrangement, static_cast<int>(nodes.size())};
    source = nodes.back()->outputs[0];
  }
}

std::optional<Chain> chain_to(const Graph& graph, ValueId value) {
  return chain_to(graph, value, [](ValueId) { return false; });
}

class Canceller {
 public:
  explicit Canceller(Graph& graph)
      : graph_(graph),
        replacements_(graph),
        users_(graph.users()),
        budget_(64 * graph.node_count()) {}

  void run() {
    for (const NodeId id : graph_.order()) {
      replacements_.tell(id);
      const Node& node = graph_.node(id);
      if (!rearranges(graph_, node)) continue;
      const auto& readers = users_[static_cast<std::size_t>(node.outputs[0])];
      const bool goes_on = std::all_of(readers.begin(), readers.end(), [&](NodeId reader) {
        return rearranges(graph_, graph_.node(reader));
      });
      // The end of a chain stands for all of it.
      if (!goes_on || graph_.is_output(node.outputs[0])) shorten(node.outputs[0]);
    }
    // Values were replaced after some of their readers had been told, and new readers have come.
    for (std::size_t i = 0; i < graph_.node_count(); ++i)
      if (graph_.node(static_cast<NodeId>(i)).op != nullptr)
        replacements_.tell(static_cast<NodeId>(i));
    replacements_.tell_outputs();
  }

 private:
  using Key = std::pair<ValueId, std::string>;

  // Others read it, too, or may: what leads to it stays anyway.
  bool is_shared(ValueId value) const {
    return static_cast<std::size_t>(value) >= users_.size() || graph_.is_output(value) ||
           users_[static_cast<std::size_t>(value)].size() != 1;
  }

  void shorten(ValueId end) {
    lengths_.clear();  // the graph has changed since
    tell_chain(end);
    const std::optional<Chain> whole = chain_to(graph_, end);
    if (!whole || whole->length == 0) return;
    const Node* producer = graph_.producer(whole->source);
    if (!whole->arrangement.is_identity() && producer != nullptr &&
        is_pointwise(graph_, *producer) && is_free(whole->source, whole->arrangement, kDepth)) {
      replacements_.replace(end, rearranged(whole->source, whole->arrangement));
      return;
    }
    const std::optional<Chain> own =
        whole->arrangement.keeps_order()
            ? whole
            : chain_to(graph_, end, [this](ValueId value) { return is_shared(value); });
    if (own && own->arrangement.steps().count() < static_cast<std::size_t>(own->length))
      replacements_.replace(end, own->arrangement.apply(graph_, own->source));
  }

  // Replaces what the producer of `value` and the chain before it read. Only done while ways are
  // looked for: what they found must not change while it is made.
  void tell_chain(ValueId value) {
    for (int i = 0; i < kDepth; ++i) {
      const NodeId producer = graph_.value(value).producer;
      if (producer == kNoNode) return;
      replacements_.tell(producer);
      if (!rearranges(graph_, graph_.node(producer))) return;
      value = graph_.node(producer).inputs[0];
    }
  }

  // Whether `value` can be had in another arrangement without moving an element at run time: it is
  // constant, or comes out of a chain that the arrangement undoes, or all operands of the
  // elementwise operator that computes it can be had so. All of this is found out before anything
  // is made, so that making follows the same ways, which are at most `depth` long.
  bool is_free(ValueId value, const Arrangement& arrangement, int depth) {
    const Key key{value, arrangement.key()};
    auto found = lengths_.find(key);
    if (found == lengths_.end()) {
      if (depth == 0 || budget_ == 0) return false;
      --budget_;
      found = lengths_.emplace(key, length_of_way(value, arrangement, depth)).first;
    }
    return found->second && *found->second <= depth;
  }

  // How far up making has to go; nothing where that is too far or not free.
  std::optional<int> length_of_way(ValueId value, const Arrangement& arrangement, int depth) {
    if (arrangement.is_identity()) return 0;
    const NodeId producer = graph_.value(value).producer;
    if (producer == kNoNode && !graph_.value(value).is_constant()) return std::nullopt;
    if (producer == kNoNode || graph_.type(value).shape.elements() == 1)
      return is_plain(graph_.type(value)) ? std::optional(0) : std::nullopt;
    tell_chain(value);
    std::vector<std::pair<ValueId, Arrangement>> sources;
    if (const auto chain = joined(value, arrangement)) {
      if (chain->arrangement.keeps_order()) return 0;
      sources.emplace_back(chain->source, chain->arrangement);
    } else if (is_pointwise(graph_, graph_.node(producer))) {
      for (const ValueId operand : graph_.node(producer).inputs) {
        const auto own = arrangement.of_operand(graph_.type(operand).shape);
        if (!own) return std::nullopt;
        sources.emplace_back(operand, *own);
      }
    } else {
      return std::nullopt;
    }
    int length = 0;
    for (const auto& [source, own] : sources) {
      if (!is_free(source, own, depth - 1)) return std::nullopt;
      length = std::max(length, 1 + *lengths_.at({source, own.key()}));
    }
    return length;
  }

  // The chain to `value` with the arrangement appended; nothing where there is no chain.
  std::optional<Chain> joined(ValueId value, const Arrangement& arrangement) const {
    std::optional<Chain> chain = chain_to(graph_, value);
    if (!chain || chain->length == 0 || !follow(chain->arrangement, arrangement))
      return std::nullopt;
    return chain;
  }

  static bool follow(Arrangement& first, const Arrangement& second) {
    const Arrangement::Steps steps = second.steps();
    if (steps.split && !first.reshape(*steps.split)) return false;
    if (!steps.permutation.empty()) first.transpose(steps.permutation);
    return !steps.merge || first.reshape(*steps.merge);
  }

  // What is_free() found; each value in each arrangement is made once.
  ValueId rearranged(ValueId value, const Arrangement& arrangement) {
    const Key key{value, arrangement.key()};
    if (const auto found = made_.find(key); found != made_.end()) return found->second;
    const ValueId result = make(value, arrangement);
    made_[key] = result;
    return result;
  }

  ValueId make(ValueId value, const Arrangement& arrangement) {
    if (arrangement.is_identity()) return value;
    if (graph_.value(value).is_constant() || graph_.type(value).shape.elements() == 1)
      return arrangement.apply(graph_, value);
    if (const auto chain = joined(value, arrangement))
      return chain->arrangement.keeps_order() ? chain->arrangement.apply(graph_, chain->source)
                                              : rearranged(chain->source, chain->arrangement);
    const Node node = *graph_.producer(value);
    std::vector<ValueId> operands;
    for (const ValueId operand : node.inputs)
      operands.push_back(rearranged(operand, *arrangement.of_operand(graph_.type(operand).shape)));
    const ValueId moved = graph_.add(node.op, std::move(operands), node.name);
    // Whoever else reads the value gets it from the moved operator, or it would be computed twice.
    replacements_.replace(value, arrangement.inverse().apply(graph_, moved));
    return moved;
  }

  Graph& graph_;
  Replacements replacements_;
  const std::vector<std::vector<NodeId>> users_;  // before the first change
  std::map<Key, std::optional<int>> lengths_;     // what length_of_way() found
  std::map<Key, ValueId> made_;
  std::size_t budget_;  // of visits, so that no graph takes more than linear time
};

void run(Graph& graph) {
  // New nodes come before the old ones go; what is that large stays as it is.
  if (graph.node_count() < limits::kNodes / 2) Canceller(graph).run();
}

}  // namespace

Pass cancel_transposes_pass() { return {"cancel_transposes", run}; }

}  // namespace octet
