// Runs a built TensorRT engine as a step of a plan.
#pragma once

#include "backends/tensorrt/engine_blob.hpp"
#include "backends/tensorrt/library.hpp"
#include "kernels/kernel.hpp"

namespace octet::tensorrt {

nvinfer1::Dims dims_of(const Shape& shape);

// Throws Error where the plan is not one for this graph, this TensorRT or this GPU.
std::unique_ptr<Executable> make_execution(const Library& library, const Graph& graph,
                                           const EngineBlob& blob);

}  // namespace octet::tensorrt
