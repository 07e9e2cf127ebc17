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

}  // namespace octet::cuda
