// An asynchronous copy of 8 bytes; those of 4 and 16 are in ptx_mma.cuh, with what waits for them.
#pragma once

#include <cstdint>

namespace octet::cuda {

__device__ __forceinline__ void copy_async_8(std::uint32_t to, const void* from) {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(to), "l"(from));
#endif
}

}  // namespace octet::cuda
