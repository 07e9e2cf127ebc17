// Softmax and its logarithm over runs of neighbouring f32 values.
#pragma once

#include <cuda_runtime.h>

namespace octet::cuda {

// x and y are {lines, length}.
void launch_softmax(const float* x, float* y, int lines, int length, bool log, cudaStream_t stream);

}  // namespace octet::cuda
