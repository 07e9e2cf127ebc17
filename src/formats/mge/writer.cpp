#include "formats/mge/writer.hpp"

#include "formats/mge/raise.hpp"

namespace octet {

std::vector<std::byte> write_mge(const Graph& graph, MgeVersion version) {
  const mge::FileGraph file = mge::raise_graph(graph);
  return version == MgeVersion::v1 ? mge::encode_v1(file) : mge::encode_v2(file);
}

}  // namespace octet
