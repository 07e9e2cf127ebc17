#include "formats/onnx/node_order.hpp"

#include <octet/status.hpp>
#include <queue>
#include <set>
#include <unordered_map>

#include "base/format.hpp"

namespace octet::onnx {
namespace {

std::string describe(const proto::NodeProto& node) {
  return concat(node.op_type(), " \"", node.name(), "\"");
}

// The names a node reads, those that its subgraphs take from around them included.
void collect_reads(const proto::NodeProto& node, std::set<std::string>& reads) {
  for (const std::string& name : node.input())
    if (!name.empty()) reads.insert(name);
  for (const auto& attribute : node.attribute()) {
    if (!attribute.has_g()) continue;
    std::set<std::string> inner, made;
    for (const auto& value : attribute.g().input()) made.insert(value.name());
    for (const auto& tensor : attribute.g().initializer()) made.insert(tensor.name());
    for (const auto& child : attribute.g().node()) {
      collect_reads(child, inner);  // check_model_size() has limited the depth
      made.insert(child.output().begin(), child.output().end());
    }
    for (const auto& value : attribute.g().output()) inner.insert(value.name());
    for (const std::string& name : inner)
      if (!made.contains(name)) reads.insert(name);
  }
}

using Producers = std::unordered_map<std::string, std::size_t>;

Producers find_producers(const proto::GraphProto& graph,
                         const std::function<bool(const std::string&)>& is_known) {
  Producers producers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& name : graph.node(i).output()) {
      if (name.empty()) continue;
      if (is_known(name) || !producers.emplace(name, static_cast<std::size_t>(i)).second)
        throw Error(StatusCode::invalid_model, concat("the name \"", name, "\" is made twice"),
                    describe(graph.node(i)));
    }
  return producers;
}

}  // namespace

std::vector<const proto::NodeProto*> ordered_nodes(
    const proto::GraphProto& graph, const std::function<bool(const std::string&)>& is_known) {
  const Producers producers = find_producers(graph, is_known);
  const auto count = static_cast<std::size_t>(graph.node_size());
  std::vector<std::size_t> waiting(count, 0);
  std::vector<std::vector<std::size_t>> readers(count);
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < count; ++i) {
    const proto::NodeProto& node = graph.node(static_cast<int>(i));
    std::set<std::string> reads;
    collect_reads(node, reads);
    for (const std::string& name : reads) {
      const auto producer = producers.find(name);
      if (producer == producers.end()) {
        if (is_known(name)) continue;
        throw Error(StatusCode::invalid_model, concat("reads \"", name, "\", which nothing makes"),
                    describe(node));
      }
      readers[producer->second].push_back(i);
      ++waiting[i];
    }
    if (waiting[i] == 0) ready.push(i);
  }
  std::vector<const proto::NodeProto*> ordered;
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    ordered.push_back(&graph.node(static_cast<int>(i)));
    for (const std::size_t reader : readers[i])
      if (--waiting[reader] == 0) ready.push(reader);
  }
  for (std::size_t i = 0; i < count && ordered.size() < count; ++i)
    if (waiting[i] > 0)
      throw Error(StatusCode::invalid_model, "the operators form a cycle",
                  describe(graph.node(static_cast<int>(i))));
  return ordered;
}

}  // namespace octet::onnx
