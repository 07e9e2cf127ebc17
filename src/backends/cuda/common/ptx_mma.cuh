// The instructions of the mma.sync kernels, with plain forms for compute capability 7.5.
#pragma once

#include <cstdint>

namespace octet::cuda {

__device__ __forceinline__ std::uint32_t shared_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

// Copies kBytes (4 or 16) from global to shared memory, without waiting where the device can.
template <int kBytes>
__device__ __forceinline__ void copy_async(std::uint32_t to, const void* from) {
#if __CUDA_ARCH__ >= 800
  if constexpr (kBytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from));
  else asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(from));
#else
  if constexpr (kBytes == 16) {
    const uint4 v = *static_cast<const uint4*>(from);
    asm volatile("st.shared.v4.u32 [%0], {%1,%2,%3,%4};" ::"r"(to), "r"(v.x), "r"(v.y), "r"(v.z),
                 "r"(v.w)
                 : "memory");
  } else {
    const std::uint32_t v = *static_cast<const std::uint32_t*>(from);
    asm volatile("st.shared.u32 [%0], %1;" ::"r"(to), "r"(v) : "memory");
  }
#endif
}

template <int kBytes>
__device__ __forceinline__ void store_shared(std::uint32_t to, std::uint32_t word);

// copy_async(), or zeros where `inside` is false (`from` is then not read). 16 bytes go past L1:
// keeping them there for the next filter tap makes the copies slower by a seventh (measured).
template <int kBytes>
__device__ __forceinline__ void copy_or_zero(std::uint32_t to, const void* from, bool inside) {
#if __CUDA_ARCH__ >= 800
  const int bytes = inside ? kBytes : 0;
  if constexpr (kBytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes));
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(bytes));
  }
#else
  if (inside) copy_async<kBytes>(to, from);
  else store_shared<kBytes>(to, 0);
#endif
}

template <int kBytes>
__device__ __forceinline__ void store_shared(std::uint32_t to, std::uint32_t word) {
  if constexpr (kBytes == 16)
    asm volatile("st.shared.v4.u32 [%0], {%1,%1,%1,%1};" ::"r"(to), "r"(word) : "memory");
  else asm volatile("st.shared.u32 [%0], %1;" ::"r"(to), "r"(word) : "memory");
}

__device__ __forceinline__ std::uint32_t load_shared(std::uint32_t from) {
  std::uint32_t v;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(v) : "r"(from));
  return v;
}

__device__ __forceinline__ void commit_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most kPending groups of copies are under way.
template <int kPending>
__device__ __forceinline__ void wait_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
#endif
}

__device__ __forceinline__ void load_matrix_x4(std::uint32_t (&r)[4], std::uint32_t from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(from));
}

// d (16 x 8, s32) += a (16 x 32, row) * b (32 x 8, column); a is s8 or u8, b is s8.
template <bool kUnsigned>
__device__ __forceinline__ void mma_16x8x32(int (&d)[4], const std::uint32_t (&a)[4],
                                            std::uint32_t b0, std::uint32_t b1) {
#if __CUDA_ARCH__ >= 800
  if constexpr (kUnsigned)
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  // The same product from four 8 x 8 x 16 pieces; the fragments are laid out alike.
  const auto piece = [](int& c0, int& c1, std::uint32_t av, std::uint32_t bv) {
    if constexpr (kUnsigned)
      asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.u8.s8.s32 {%0,%1}, {%2}, {%3}, {%0,%1};"
                   : "+r"(c0), "+r"(c1)
                   : "r"(av), "r"(bv));
    else
      asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0,%1}, {%2}, {%3}, {%0,%1};"
                   : "+r"(c0), "+r"(c1)
                   : "r"(av), "r"(bv));
  };
  piece(d[0], d[1], a[0], b0);
  piece(d[0], d[1], a[2], b1);
  piece(d[2], d[3], a[1], b0);
  piece(d[2], d[3], a[3], b1);
#endif
}

// The same from `c` instead of from what d holds.
template <bool kUnsigned = false>
__device__ __forceinline__ void mma_16x8x32_from(int (&d)[4], const int (&c)[4],
                                                 const std::uint32_t (&a)[4], std::uint32_t b0,
                                                 std::uint32_t b1) {
#if __CUDA_ARCH__ >= 800
  if constexpr (kUnsigned)
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%10,%11,%12,%13};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "r"(c[0]), "r"(c[1]),
          "r"(c[2]), "r"(c[3]));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%10,%11,%12,%13};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "r"(c[0]), "r"(c[1]),
          "r"(c[2]), "r"(c[3]));
#else
#pragma unroll
  for (int i = 0; i < 4; ++i) d[i] = c[i];
  mma_16x8x32<kUnsigned>(d, a, b0, b1);
#endif
}

}  // namespace octet::cuda
