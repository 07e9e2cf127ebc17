// Every operator that only moves elements, as one gather: output i is element map[i] of the inputs.
#pragma once

#include <cuda_runtime.h>

namespace octet::cuda {

inline constexpr int kMostMovedInputs = 16;

struct IndexMapParams {
  const int* map;                   // 0: `fill`; else 1 + index over all inputs in a row
  int begin[kMostMovedInputs + 1];  // where each input's indices begin; begin[count] ends
  const void* inputs[kMostMovedInputs];
  int count;  // inputs
  long long fill;
  long long outputs;  // elements
  int element_bytes;  // 1, 2, 4 or 8
};

void launch_index_map(const IndexMapParams& params, void* output, cudaStream_t stream);

}  // namespace octet::cuda
