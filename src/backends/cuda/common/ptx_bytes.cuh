// Instructions on four bytes in a word.
#pragma once

#include <cstdint>

namespace octet::cuda {

// sum + the four products of the bytes of x (u8 or s8) and w (s8).
template <bool kUnsigned>
__device__ __forceinline__ int dot4(std::uint32_t x, std::uint32_t w, int sum) {
  int result;
  if constexpr (kUnsigned)
    asm("dp4a.u32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(x), "r"(w), "r"(sum));
  else asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(x), "r"(w), "r"(sum));
  return result;
}

// Two integers saturated to s8 in the lower bytes, the lower bytes of `high` above them.
__device__ __forceinline__ std::uint32_t pack_saturated_2(int low, int next, std::uint32_t high) {
  std::uint32_t word;
  asm("cvt.pack.sat.s8.s32.b32 %0, %1, %2, %3;" : "=r"(word) : "r"(next), "r"(low), "r"(high));
  return word;
}

// 0xff in each byte whose sign is set. The instruction itself, since __byte_perm() cannot ask for
// copies of a sign.
__device__ __forceinline__ std::uint32_t byte_signs(std::uint32_t word) {
  std::uint32_t signs;
  asm("prmt.b32 %0, %1, 0, 0xBA98;" : "=r"(signs) : "r"(word));
  return signs;
}

}  // namespace octet::cuda
