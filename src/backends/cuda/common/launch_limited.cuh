// Launches of kernels that take more shared memory than is allowed without asking.
#pragma once

#include "backends/cuda/common/launch_chained.cuh"

namespace octet::cuda {

// The kernel is allowed `most_shared_bytes`: always the same, since another thread may launch it
// for another problem meanwhile.
template <typename... Parameters, typename... Arguments>
void launch_limited(void (*kernel)(Parameters...), const LaunchShape& shape, int most_shared_bytes,
                    cudaStream_t stream, const Arguments&... arguments) {
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes);
  launch_chained(kernel, shape, stream, arguments...);
}

}  // namespace octet::cuda
