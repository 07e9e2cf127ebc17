// Roles of warpgroups.
#pragma once

namespace octet::cuda {

// Which of the block's warpgroups this thread belongs to. It is uniform over a warp; saying so
// keeps wgmma from being serialised.
__device__ __forceinline__ int warpgroup() {
  return __shfl_sync(~0u, static_cast<int>(threadIdx.x) / 128, 0);
}

// The same of warps.
__device__ __forceinline__ int warp_of_block() {
  return __shfl_sync(~0u, static_cast<int>(threadIdx.x) / 32, 0);
}

}  // namespace octet::cuda
