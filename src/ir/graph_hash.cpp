#include "ir/graph_hash.hpp"

#include "base/format.hpp"
#include "base/hash.hpp"

namespace octet {
namespace {

class GraphHasher {
 public:
  GraphHasher(const Graph& graph, bool with_constants)
      : graph_(graph), with_constants_(with_constants), numbers_(graph.value_count(), kNoValue) {}

  std::uint64_t hash() {
    for (const ValueId id : graph_.inputs()) define("input", id);
    for (const NodeId id : graph_.order()) add(graph_.node(id));
    for (const GraphOutput& output : graph_.outputs()) add(concat("output ", number(output.value)));
    return hash_;
  }

 private:
  void add(const Node& node) {
    std::string edges;
    for (const ValueId id : node.inputs)
      edges += id == kNoValue ? std::string(" -") : concat(' ', number(id));
    add(to_text(*node.op) + edges);
    if (const Graph* inner = node.op->inner())
      add(to_hex(GraphHasher(*inner, with_constants_).hash()));
    for (const ValueId id : node.outputs) define("value", id);
  }

  // Numbers values in the order in which they are met; constants are met when they are first read.
  std::int32_t number(ValueId id) {
    if (numbers_[static_cast<std::size_t>(id)] == kNoValue) define("constant", id);
    return numbers_[static_cast<std::size_t>(id)];
  }

  void define(const char* what, ValueId id) {
    numbers_[static_cast<std::size_t>(id)] = next_++;
    const Value& value = graph_.value(id);
    add(concat(what, ' ', value.type.to_string()));
    if (!with_constants_) return;
    // The text of a type rounds scales and leaves out those of channels.
    if (value.type.quant) add_bytes<float>(value.type.quant->scales);
    if (value.type.quant) add_bytes<std::int32_t>(value.type.quant->zero_points);
    if (value.is_constant()) add_bytes<std::byte>(value.known->values<std::byte>());
  }

  template <typename T>
  void add_bytes(std::span<const T> values) {
    hash_ = hash_bytes(std::as_bytes(values), hash_);
  }
  // The end of a piece counts, so that no two lists of pieces run into the same text.
  void add(const std::string& piece) { hash_ = hash_text(piece + '\n', hash_); }

  const Graph& graph_;
  const bool with_constants_;
  std::vector<std::int32_t> numbers_;
  std::int32_t next_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace

std::uint64_t structure_hash(const Graph& graph) { return GraphHasher(graph, false).hash(); }
std::uint64_t content_hash(const Graph& graph) { return GraphHasher(graph, true).hash(); }

}  // namespace octet
