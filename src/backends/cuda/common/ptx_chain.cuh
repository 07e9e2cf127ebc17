// Programmatic dependent launch (compute capability 9.0): see launch_chained().
#pragma once

namespace octet::cuda {

// Before reading what an earlier kernel of the stream wrote, and before writing anything.
__device__ __forceinline__ void wait_for_earlier_kernels() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}
__device__ __forceinline__ void allow_next_kernel() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}

}  // namespace octet::cuda
