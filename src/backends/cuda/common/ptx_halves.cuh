// Instructions on two 16-bit integers in a word.
#pragma once

#include <cstdint>

namespace octet::cuda {

// Two integers saturated to s16.
__device__ __forceinline__ std::uint32_t pack_saturated_halves(int low, int high) {
  std::uint32_t word;
  asm("cvt.pack.sat.s16.s32 %0, %1, %2;" : "=r"(word) : "r"(high), "r"(low));
  return word;
}

// 16 bits of shared memory at an address of smem_address().
__device__ __forceinline__ std::uint32_t load_shared_2(std::uint32_t from) {
  std::uint16_t half;
  asm volatile("ld.shared.u16 %0, [%1];" : "=h"(half) : "r"(from) : "memory");
  return half;
}
__device__ __forceinline__ void store_shared_2(std::uint32_t to, std::uint32_t half) {
  asm volatile("st.shared.u16 [%0], %1;" ::"r"(to), "h"(static_cast<std::uint16_t>(half))
               : "memory");
}

}  // namespace octet::cuda
