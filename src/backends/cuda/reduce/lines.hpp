// What works along the lines of a value: arg_reduce, topk, cumsum, softmax of any type.
#pragma once

#include <cuda_runtime.h>

#include "ops/axis_lines.hpp"
#include "ops/element_format.hpp"

namespace octet::cuda {

struct SelectParams {
  AxisLines lines;
  Arithmetic arithmetic;
  bool largest, last;  // `last`: the last of equals
  int k;               // topk: elements of an output line
  ElementFormat x, values, indices;
};

// The index of each line's best element.
void launch_arg_reduce(const SelectParams& params, const void* x, void* indices,
                       cudaStream_t stream);
// Each line's best k elements in order, and their indices.
void launch_topk(const SelectParams& params, const void* x, void* values, void* indices,
                 cudaStream_t stream);

struct LineParams {
  AxisLines lines;
  Arithmetic arithmetic;
  bool exclusive, reverse;  // cumsum
  bool log;                 // softmax
  ElementFormat x, y;
};

void launch_cumsum(const LineParams& params, const void* x, void* y, cudaStream_t stream);
void launch_softmax_any(const LineParams& params, const void* x, void* y, cudaStream_t stream);

}  // namespace octet::cuda
