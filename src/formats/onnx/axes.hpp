// Axes that were an attribute in older opsets and are an input in newer ones.
#pragma once

#include "formats/onnx/onnx_node.hpp"

namespace octet::onnx {

// The axes, from input `i` since opset `since`, from the attribute before. Empty when there are
// none.
inline std::vector<std::int64_t> read_axes(const OnnxNode& node, std::size_t i,
                                           std::int64_t since) {
  if (node.opset() < since) return node.attributes().integers("axes");
  if (!node.has_input(i)) return {};
  return node.known_integers(i, "axes");
}

}  // namespace octet::onnx
