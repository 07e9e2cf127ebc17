// Launches a kernel that may begin while its predecessor in the stream still runs.
//
// Such a kernel prepares itself (barriers, constants, weights) and calls wait_for_earlier_kernels()
// before it reads an activation or writes anything. Every kernel launched this way must call it in
// every block, also where it needs nothing: the next one relies on it, since a predecessor that has
// ended is taken to have waited for its own predecessors. Kernels launched the plain way wait for
// everything before them.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/ptx_chain.cuh"

namespace octet::cuda {

// What a kernel without a prologue begins with.
__device__ __forceinline__ void begin_in_chain() {
  allow_next_kernel();
  wait_for_earlier_kernels();
}

struct LaunchShape {
  dim3 grid, block;
  std::size_t shared = 0;  // dynamic shared memory in bytes
  unsigned cluster = 1;    // blocks in a cluster, along x
};

// Devices before compute capability 9.0 have no such launches.
bool launches_in_chains();

template <typename... Parameters, typename... Arguments>
void launch_chained(void (*kernel)(Parameters...), const LaunchShape& shape, cudaStream_t stream,
                    Arguments&&... arguments) {
  cudaLaunchAttribute attributes[2] = {};
  attributes[0].id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attributes[0].val.programmaticStreamSerializationAllowed = launches_in_chains() ? 1 : 0;
  attributes[1].id = cudaLaunchAttributeClusterDimension;
  attributes[1].val.clusterDim.x = shape.cluster;
  attributes[1].val.clusterDim.y = attributes[1].val.clusterDim.z = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared;
  config.stream = stream;
  config.attrs = attributes;
  config.numAttrs = shape.cluster > 1 ? 2 : launches_in_chains() ? 1 : 0;
  static_cast<void>(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

}  // namespace octet::cuda
