// Copies a value from one layout to another, element by element.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/strides.hpp"

namespace octet::cuda {

struct RelayoutParams {
  int n, c, h, w;  // logical
  int padded_c;    // channels the output has in memory
  Strides from, to;
  int order[4];       // axes of the output in memory, outermost first: 0 n, 1 c, 2 h, 3 w
  std::int64_t fill;  // what added channels hold (the zero point)
  int element_bytes;  // 1, 2, 4 or 8
};

void launch_relayout(const RelayoutParams& params, const void* from, void* to, cudaStream_t stream);

}  // namespace octet::cuda
