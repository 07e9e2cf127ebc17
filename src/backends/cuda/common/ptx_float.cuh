// Float instructions that clamp their result to [0, 1] (NaN becomes 0).
#pragma once

namespace octet::cuda {

__device__ __forceinline__ float add_saturated(float a, float b) {
  float sum;
  asm("add.rn.sat.f32 %0, %1, %2;" : "=f"(sum) : "f"(a), "f"(b));
  return sum;
}

__device__ __forceinline__ float fma_saturated(float a, float b, float c) {
  float sum;
  asm("fma.rn.sat.f32 %0, %1, %2, %3;" : "=f"(sum) : "f"(a), "f"(b), "f"(c));
  return sum;
}

}  // namespace octet::cuda
