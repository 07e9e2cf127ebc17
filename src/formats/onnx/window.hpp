// The sliding window that convolutions and poolings share: attributes, automatic padding, and the
// extra axis that lets a 1-D operator run as a 2-D one.
#pragma once

#include "formats/onnx/onnx_node.hpp"
#include "ops/attributes.hpp"

namespace octet::onnx {

struct Geometry {
  bool one_dimensional = false;
  std::array<std::int64_t, 2> kernel{1, 1};
  Window2d window;
};

// Reads kernel_shape, strides, pads, dilations and auto_pad of a node whose input 0 is {N,C,H,W} or
// {N,C,W}. `kernel` holds the filter's extents; it is empty where kernel_shape is the only source.
// Throws Error(unsupported) for other ranks.
Geometry read_geometry(const OnnxNode& node, std::span<const std::int64_t> kernel = {});

// Throws Error(unsupported) for a com.microsoft operator whose attribute asks for {N,H,W,C}.
void refuse_channels_last(const OnnxNode& node);

// An attribute with one number per spatial axis, as a pair (a 1-D operator's height gets
// `fallback`).
std::array<std::int64_t, 2> spatial_pair(const OnnxNode& node, std::string_view name,
                                         std::int64_t fallback, bool one_dimensional);

// {N,C,W} <-> {N,C,1,W}; nothing for 2-D operators. Constants are reshaped in place.
ValueId to_2d(const OnnxNode& node, const Geometry& geometry, ValueId value);
ValueId from_2d(const OnnxNode& node, const Geometry& geometry, ValueId value);

}  // namespace octet::onnx
