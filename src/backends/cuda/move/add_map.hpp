// Adding a value to a part of another.
#pragma once

#include <cuda_runtime.h>

#include <octet/tensor.hpp>

namespace octet::cuda {

// y[i] = x[i], and y[i] = x[i] + value[j] where map[i] is 1 + the elements of x + j. Integers wrap.
void launch_add_map(DType dtype, const int* map, long long count, const void* x, const void* value,
                    void* y, cudaStream_t stream);

}  // namespace octet::cuda
