// A kernel's dynamic shared memory. One array serves every kernel, so it is declared here alone.
#pragma once

#include <cstdint>

namespace octet::cuda {

// Its first byte. Kernels whose tiles must lie at multiples of more than 16 bytes round the address
// up themselves: the declaration asks for the alignment, the hardware has the last word.
__device__ __forceinline__ std::uint8_t* dynamic_shared_memory() {
  extern __shared__ __align__(1024) std::uint8_t memory[];
  return memory;
}

}  // namespace octet::cuda
