// The product of half the depth of those in ptx_mma.cuh.
#pragma once

#include <cstdint>

namespace octet::cuda {

// d (16 x 8, s32) += a (16 x 16, s8, row) * b (16 x 8, s8, column).
__device__ __forceinline__ void mma_16x8x16(int (&d)[4], std::uint32_t a0, std::uint32_t a1,
                                            std::uint32_t b) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5}, {%6}, "
      "{%0,%1,%2,%3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a0), "r"(a1), "r"(b));
#endif
}

}  // namespace octet::cuda
