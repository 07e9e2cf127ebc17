// The writer of MegEngine's .mge files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ir/graph.hpp"

namespace octet {

enum class MgeVersion : std::uint8_t {
  v1,
  v2
};  // MGBC, read since MegEngine 1.8; mgv2, since 1.10

// A file that MegEngine loads and that gives it the numbers that the graph stands for. The graph is
// one as a reader or make_model() leaves it, in default layouts and before any pass. Throws
// Error(unsupported), naming the node, for what MegEngine cannot express: scales per channel, the
// rounding rules of ONNX, 64-bit integers and operators that it lacks.
std::vector<std::byte> write_mge(const Graph& graph, MgeVersion version = MgeVersion::v2);

}  // namespace octet
