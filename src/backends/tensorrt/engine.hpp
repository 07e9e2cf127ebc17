// TensorRT as an engine for sub-graphs: each goes to it as a strongly typed ONNX network with
// explicit quantisation.
#pragma once

#include "kernels/subgraph_engine.hpp"

namespace octet::tensorrt {

// Throws Error(unavailable) where TensorRT or the GPU is missing; `hint` says what else can be
// done.
std::unique_ptr<SubgraphEngine> make_engine(const std::string& hint);

}  // namespace octet::tensorrt
