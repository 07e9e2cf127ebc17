// Brings the nodes of a graph into an order in which each comes after what it reads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "formats/onnx/proto.hpp"

namespace octet::onnx {

// `is_known` says whether a name exists without any node of `graph`: an input, an initializer, or a
// name around a subgraph. The file's order is kept where it is valid already.
// Throws Error(invalid_model) for a name made twice, a name nobody makes, and a cycle.
std::vector<const proto::NodeProto*> ordered_nodes(
    const proto::GraphProto& graph, const std::function<bool(const std::string&)>& is_known);

}  // namespace octet::onnx
