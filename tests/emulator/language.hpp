// CUDA C++ as C++: the keywords mean nothing, the built-in variables ask the machine, and the
// intrinsics in use are functions. Included before anything else of a .cu file.
#pragma once

#include <cuda_runtime.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"

#undef __device__
#undef __global__
#undef __host__
#undef __shared__
#undef __constant__
#undef __forceinline__
#undef __launch_bounds__
#undef __grid_constant__
#define __device__
#define __global__
#define __host__
#define __shared__ static  // one block runs at a time, but in a cluster: there it must be dynamic
#define __constant__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __CUDA_ARCH_FEAT_SM90_ALL

#define threadIdx (::octet::emulator::self().index)
#define blockIdx (::octet::emulator::self().block->index)
#define blockDim (::octet::emulator::block_shape())
#define gridDim (::octet::emulator::grid_shape())

template <typename... Parameters>
cudaError_t cudaFuncSetAttribute(void (*)(Parameters...), cudaFuncAttribute, int) {
  return cudaSuccess;
}

inline void __syncthreads() { octet::emulator::sync_block(); }
inline void __syncwarp() { octet::emulator::meet("__syncwarp", nullptr, 0); }

namespace octet::emulator {

template <typename T>
T from_lane(const char* purpose, T value, int lane) {
  static_assert(sizeof(T) <= Warp::kLaneBytes);
  const auto* lanes = meet(purpose, &value, sizeof(T));
  T result;
  std::memcpy(&result, lanes[lane], sizeof(T));
  return result;
}

// The result of `operation` where sums and products are rounded towards zero.
template <typename Operation>
[[gnu::noinline]] float towards_zero(Operation operation, float a, float b, float c) {
  const int before = std::fegetround();
  std::fesetround(FE_TOWARDZERO);
  volatile float va = a, vb = b, vc = c;
  volatile float result = operation(va, vb, vc);
  std::fesetround(before);
  return result;
}

}  // namespace octet::emulator

template <typename T>
T __shfl_sync(unsigned, T value, int lane) {
  return octet::emulator::from_lane("__shfl_sync", value, lane % 32);
}
template <typename T>
T __shfl_up_sync(unsigned, T value, int delta) {
  const int own = octet::emulator::self().lane;
  return octet::emulator::from_lane("__shfl_up_sync", value, own < delta ? own : own - delta);
}
template <typename T>
T __shfl_down_sync(unsigned, T value, int delta) {
  const int own = octet::emulator::self().lane;
  return octet::emulator::from_lane("__shfl_down_sync", value,
                                    own + delta > 31 ? own : own + delta);
}
template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  return octet::emulator::from_lane("__shfl_xor_sync", value, octet::emulator::self().lane ^ mask);
}

template <typename T>
T __ldg(const T* p) {
  return *p;
}

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fadd_rz(float a, float b) {
  return octet::emulator::towards_zero([](float x, float y, float) { return x + y; }, a, b, 0.0f);
}
inline float __fmul_rz(float a, float b) {
  return octet::emulator::towards_zero([](float x, float y, float) { return x * y; }, a, b, 0.0f);
}
inline float __fmaf_rz(float a, float b, float c) {
  return octet::emulator::towards_zero([](float x, float y, float z) { return std::fma(x, y, z); },
                                       a, b, c);
}

inline int __float_as_int(float v) { return std::bit_cast<int>(v); }
inline unsigned __float_as_uint(float v) { return std::bit_cast<unsigned>(v); }
inline float __int_as_float(int v) { return std::bit_cast<float>(v); }
inline float __uint_as_float(unsigned v) { return std::bit_cast<float>(v); }
// NaN gives 0, what is out of range the nearest integer.
inline int __float2int_rz(float v) {
  if (std::isnan(v)) return 0;
  if (v >= 2147483648.0f) return INT32_MAX;
  if (v <= -2147483648.0f) return INT32_MIN;
  return static_cast<int>(v);
}
inline int __float2int_rn(float v) { return __float2int_rz(std::nearbyint(v)); }

// Threads give way only where they wait, so nothing comes in between.
template <typename T>
T atomicMax(T* at, T value) {
  const T before = *at;
  if (value > before) *at = value;
  return before;
}

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline long long max(long long a, long long b) { return a > b ? a : b; }
inline int __vimax3_s32(int a, int b, int c) { return max(a, max(b, c)); }

inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
  const std::uint64_t bytes = low | std::uint64_t{high} << 32;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i)
    result |= static_cast<unsigned>(bytes >> (8 * (selector >> (4 * i) & 7)) & 0xff) << (8 * i);
  return result;
}

namespace octet::emulator {

template <typename Byte, typename Function>
unsigned per_byte(unsigned a, unsigned b, Function function) {
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    const auto x = static_cast<Byte>(a >> (8 * i)), y = static_cast<Byte>(b >> (8 * i));
    result |= static_cast<unsigned>(static_cast<std::uint8_t>(function(x, y))) << (8 * i);
  }
  return result;
}

template <typename A, typename B>
int dot4(unsigned a, unsigned b, int sum) {
  for (int i = 0; i < 4; ++i)
    sum = static_cast<int>(
        static_cast<unsigned>(sum) +
        static_cast<unsigned>(static_cast<A>(a >> (8 * i)) * static_cast<B>(b >> (8 * i))));
  return sum;
}

}  // namespace octet::emulator

inline unsigned __vmaxs4(unsigned a, unsigned b) {
  return octet::emulator::per_byte<std::int8_t>(a, b, [](auto x, auto y) { return x > y ? x : y; });
}
inline unsigned __vmaxu4(unsigned a, unsigned b) {
  return octet::emulator::per_byte<std::uint8_t>(a, b,
                                                 [](auto x, auto y) { return x > y ? x : y; });
}
inline int __dp4a(int a, int b, int sum) {
  return octet::emulator::dot4<std::int8_t, std::int8_t>(static_cast<unsigned>(a),
                                                         static_cast<unsigned>(b), sum);
}
