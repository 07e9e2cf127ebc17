// The emulated product of half the depth; see the header of the same name under src.
#pragma once

#include "backends/cuda/common/ptx_mma.cuh"

namespace octet::cuda {

inline void mma_16x8x16(int (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t b) {
  const std::uint32_t left[4] = {a0, a1, 0, 0};
  mma_16x8x32<false>(d, left, b, 0);
}

}  // namespace octet::cuda
