// Programmatic dependent launch: see launch_chained(). Before compute capability 9.0 a kernel
// begins when its predecessor has ended.
#pragma once

namespace octet::cuda {

// Before reading what an earlier kernel of the stream wrote, and before writing anything.
__device__ __forceinline__ void wait_for_earlier_kernels() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
__device__ __forceinline__ void allow_next_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

}  // namespace octet::cuda
