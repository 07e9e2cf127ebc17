// What TensorRT can take over, as far as a node can tell. Needs no TensorRT.
#pragma once

#include "ir/graph.hpp"
#include "kernels/kernel.hpp"

namespace octet {

// The values must be f32, or s8 with one scale and no zero point, which is all that its explicit
// quantisation knows; filters s8 with a scale per channel or f32; and the operator one that it has.
Verdict tensorrt_takes(const Graph& graph, NodeId node);

}  // namespace octet
