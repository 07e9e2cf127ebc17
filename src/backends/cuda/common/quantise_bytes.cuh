// Four neighbouring bytes of an output at a time: rounding, saturating, packing.
#pragma once

#include <cstdint>

#include "backends/cuda/common/ptx_bytes.cuh"

namespace octet::cuda {

__device__ __forceinline__ std::uint32_t pack_bytes(int a, int b, int c, int d) {
  return __byte_perm(__byte_perm(static_cast<unsigned>(a), static_cast<unsigned>(b), 0x0040),
                     __byte_perm(static_cast<unsigned>(c), static_cast<unsigned>(d), 0x0040),
                     0x5410);
}

__device__ __forceinline__ int byte_of(std::uint32_t word, int i, bool is_unsigned) {
  const std::uint32_t byte = word >> (8 * i) & 0xff;
  return is_unsigned ? static_cast<int>(byte) : static_cast<int>(static_cast<std::int8_t>(byte));
}

// Four integers as bytes, saturated to s8.
__device__ __forceinline__ std::uint32_t pack_saturated(const int (&q)[4]) {
  return pack_saturated_2(q[0], q[1], pack_saturated_2(q[2], q[3], 0));
}

__device__ __forceinline__ float signed_byte(std::uint32_t word, int i) {
  return static_cast<float>(static_cast<std::int8_t>(word >> (8 * i)));
}

// Half away from zero and saturated to s8, four at a time.
__device__ __forceinline__ std::uint32_t round4(const float (&x)[4]) {
  int q[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) q[i] = __float2int_rz(__fadd_rn(x[i], copysignf(0.5f, x[i])));
  return pack_saturated(q);
}
__device__ __forceinline__ std::uint32_t quantise4(const float (&v)[4], float factor) {
  float x[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) x[i] = __fmul_rn(v[i], factor);
  return round4(x);
}

// A ReLU after quantise4(): the bytes whose sign is set become 0 where the mask is all ones.
__device__ __forceinline__ std::uint32_t relu_bytes(std::uint32_t word, std::uint32_t mask) {
  return word & ~(byte_signs(word) & mask);
}

}  // namespace octet::cuda
