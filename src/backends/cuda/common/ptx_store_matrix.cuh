// Two or four 8 x 8 matrices of 16-bit elements from the fragments of a warp to shared memory
// (stmatrix: compute capability 9.0).
//
// Lane l gives the address of row l % 8 of matrix l / 8, 16 bytes. Elements 2j and 2j + 1 of row i
// of matrix k are r[k] of lane 4 * i + j.
#pragma once

#include <cstdint>

namespace octet::cuda {

__device__ __forceinline__ void store_matrix_x4(std::uint32_t to, const std::uint32_t (&r)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(to),
               "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])
               : "memory");
}
__device__ __forceinline__ void store_matrix_x2(std::uint32_t to, std::uint32_t r0,
                                                std::uint32_t r1) {
  asm volatile("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(to), "r"(r0),
               "r"(r1)
               : "memory");
}

}  // namespace octet::cuda
