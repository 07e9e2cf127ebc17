// Four 8 x 8 matrices of 16-bit elements between the fragments of a warp and shared memory,
// transposed on the way (stmatrix: compute capability 9.0).
//
// Lane l gives the address of row l % 8 of matrix l / 8, 16 bytes. In registers, element (i, j) of
// matrix k is half j % 2 of r[k] of lane 4 * i + j / 2; in memory, it is element i of row j.
#pragma once

#include <cstdint>

namespace octet::cuda {

__device__ __forceinline__ void load_matrix_trans_x4(std::uint32_t (&r)[4], std::uint32_t from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(from)
               : "memory");
}
__device__ __forceinline__ void store_matrix_trans_x4(std::uint32_t to,
                                                      const std::uint32_t (&r)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(to),
               "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])
               : "memory");
}

// The first two matrices, the first one: the lanes beyond give no address.
__device__ __forceinline__ void store_matrix_trans_x2(std::uint32_t to, std::uint32_t r0,
                                                      std::uint32_t r1) {
  asm volatile("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};" ::"r"(to), "r"(r0),
               "r"(r1)
               : "memory");
}
__device__ __forceinline__ void store_matrix_trans_x1(std::uint32_t to, std::uint32_t r) {
  asm volatile("stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%0], {%1};" ::"r"(to), "r"(r)
               : "memory");
}

}  // namespace octet::cuda
