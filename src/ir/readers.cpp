#include "ir/readers.hpp"

namespace octet {

NodeId only_reader(const Graph& graph, ValueId value) {
  const auto users = graph.users();
  const auto& readers = users[static_cast<std::size_t>(value)];
  return readers.size() == 1 && !graph.is_output(value) ? readers[0] : kNoNode;
}

}  // namespace octet
