// Reductions over any axes, of values of any type.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/walk.hpp"
#include "ops/element_format.hpp"
#include "ops/reduce_fold.hpp"

namespace octet::cuda {

struct ReduceParams {
  ReduceMode mode;
  Arithmetic arithmetic;     // never binary32
  Walk outputs, reduced;     // together the input's axes
  long long count, members;  // outputs; elements that make one
  ElementFormat x, y;
};

void launch_reduce(const ReduceParams& params, const void* x, void* y, cudaStream_t stream);

}  // namespace octet::cuda
