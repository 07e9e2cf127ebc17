// What poolings of floats and of quantised values have in common.
#pragma once

#include "formats/onnx/window.hpp"
#include "ops/pool.hpp"

namespace octet::onnx {

// A pooling by the node's attributes. The operator still lacks its output.
Pool2d windowed_pool(const OnnxNode& node, const Geometry& geometry, PoolMode mode);
// AveragePool's mode: count_include_pad or not.
PoolMode average_mode(const OnnxNode& node);
// A pooling over whole maps of {N,C,W} or {N,C,H,W}.
Pool2d global_pool(const OnnxNode& node, Geometry& geometry, PoolMode mode);
// Adds it for `x`, which has the rank of the node's input 0.
ValueId add_pool(const OnnxNode& node, const Geometry& geometry, const Pool2d& op, ValueId x);

}  // namespace octet::onnx
