// Elementwise functions of values of any type with broadcasting.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/elementwise/table.hpp"
#include "ops/element_format.hpp"
#include "ops/elementwise_mode.hpp"

namespace octet::cuda {

struct FunctionParams {
  BroadcastParams where;
  ElementwiseFunction function;
  Arithmetic arithmetic;
  bool plain;  // everything is f32
  int count;   // operands
  ElementFormat operands[4], output;
};

void launch_function(const FunctionParams& params, const void* const operands[4], void* y,
                     cudaStream_t stream);

}  // namespace octet::cuda
