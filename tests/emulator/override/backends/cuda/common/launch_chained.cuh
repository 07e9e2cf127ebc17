// Launches of kernels on the emulated device; see the header of the same name under src.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/common/ptx_chain.cuh"
#include "emulator/runtime.hpp"

namespace octet::cuda {

inline void begin_in_chain() {}

struct LaunchShape {
  dim3 grid, block;
  std::size_t shared = 0;  // dynamic shared memory in bytes
  unsigned cluster = 1;    // blocks in a cluster, along x
};

template <typename... Parameters, typename... Arguments>
void launch_chained(void (*kernel)(Parameters...), const LaunchShape& shape, cudaStream_t stream,
                    Arguments&&... arguments) {
  emulator::launch(
      {shape.grid, shape.block, shape.shared, shape.cluster}, stream,
      [kernel, ... values = static_cast<Parameters>(arguments)] { kernel(values...); });
}

}  // namespace octet::cuda
