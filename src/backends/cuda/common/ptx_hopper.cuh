// The instructions of the Hopper kernels: barriers in shared memory, the bulk copy engine, roles.
#pragma once

#include <cuda.h>

#include <cstdint>

namespace octet::cuda {

__device__ __forceinline__ std::uint32_t smem_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}
__device__ __forceinline__ void* smem_pointer(std::uint32_t address) {
  return reinterpret_cast<void*>(__cvta_shared_to_generic(address));
}

// --- mbarrier: counts arrivals and bytes; a phase ends when both are complete ------------------
__device__ __forceinline__ void barrier_init(std::uint64_t* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(smem_address(barrier)),
               "r"(arrivals));
}
__device__ __forceinline__ void barrier_expect(std::uint64_t* barrier, int bytes) {
  asm volatile(
      "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(smem_address(barrier)),
      "r"(bytes));
}
__device__ __forceinline__ void barrier_arrive(std::uint64_t* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(smem_address(barrier)));
}
// Arrives when the asynchronous copies that this thread has issued so far are complete.
__device__ __forceinline__ void barrier_arrive_after_copies(std::uint64_t* barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(smem_address(barrier)));
}
// Waits until the phase of this parity has ended.
__device__ __forceinline__ void barrier_wait(std::uint64_t* barrier, int parity) {
  asm volatile(
      "{ .reg .pred P;\n"
      "WAIT: mbarrier.try_wait.parity.shared::cta.b64 P, [%0], %1;\n"
      "@P bra DONE;\n"
      "bra WAIT;\n"
      "DONE: }" ::"r"(smem_address(barrier)),
      "r"(parity)
      : "memory");
}

// Ordinary writes to shared memory become visible to the copy engine and the Tensor Cores.
__device__ __forceinline__ void fence_async_proxy() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Words of shared memory at an address of smem_address().
__device__ __forceinline__ std::uint32_t load_shared_4(std::uint32_t from) {
  std::uint32_t word;
  asm volatile("ld.shared.b32 %0, [%1];" : "=r"(word) : "r"(from) : "memory");
  return word;
}
__device__ __forceinline__ void store_shared_4(std::uint32_t to, std::uint32_t word) {
  asm volatile("st.shared.b32 [%0], %1;" ::"r"(to), "r"(word) : "memory");
}
__device__ __forceinline__ float4 load_shared_floats(std::uint32_t from) {
  float4 v;
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
               : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w)
               : "r"(from)
               : "memory");
  return v;
}
__device__ __forceinline__ void load_shared_words(std::uint32_t (&words)[1], std::uint32_t from) {
  words[0] = load_shared_4(from);
}
__device__ __forceinline__ void load_shared_words(std::uint32_t (&words)[2], std::uint32_t from) {
  asm volatile("ld.shared.v2.u32 {%0, %1}, [%2];"
               : "=r"(words[0]), "=r"(words[1])
               : "r"(from)
               : "memory");
}
__device__ __forceinline__ void load_shared_words(std::uint32_t (&words)[4], std::uint32_t from) {
  asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(from)
               : "memory");
}
__device__ __forceinline__ void store_shared_words(std::uint32_t to,
                                                   const std::uint32_t (&words)[1]) {
  store_shared_4(to, words[0]);
}
__device__ __forceinline__ void store_shared_words(std::uint32_t to,
                                                   const std::uint32_t (&words)[2]) {
  asm volatile("st.shared.v2.u32 [%0], {%1, %2};" ::"r"(to), "r"(words[0]), "r"(words[1])
               : "memory");
}
__device__ __forceinline__ void store_shared_words(std::uint32_t to,
                                                   const std::uint32_t (&words)[4]) {
  asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(words[0]), "r"(words[1]),
               "r"(words[2]), "r"(words[3])
               : "memory");
}

// --- the copy engine -----------------------------------------------------------------------------
__device__ __forceinline__ void prefetch_map(const CUtensorMap* map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

// `bytes` (a multiple of 16) from global memory, contiguous.
__device__ __forceinline__ void copy_bulk(std::uint32_t to, const void* from, int bytes,
                                          std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(to),
      "l"(from), "r"(bytes), "r"(smem_address(barrier))
      : "memory");
}

// Pixels of an NHWC map in the order of a convolution's outputs: pixel (n, h, w) is the first tap
// of the first output, (r, s) the tap, c the first channel.
__device__ __forceinline__ void copy_im2col(std::uint32_t to, const CUtensorMap* map, int c, int w,
                                            int h, int n, int s, int r, std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%3, %4, %5, %6}], [%2], {%7, %8};" ::"r"(to),
      "l"(map), "r"(smem_address(barrier)), "r"(c), "r"(w), "r"(h), "r"(n),
      "h"(static_cast<std::uint16_t>(s)), "h"(static_cast<std::uint16_t>(r))
      : "memory");
}

// A box of an NHWC map whose first corner is (c, w, h, n); outside the map it is zeros.
__device__ __forceinline__ void copy_box(std::uint32_t to, const CUtensorMap* map, int c, int w,
                                         int h, int n, std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, "
      "%4, %5, %6}], [%2];" ::"r"(to),
      "l"(map), "r"(smem_address(barrier)), "r"(c), "r"(w), "r"(h), "r"(n)
      : "memory");
}

// A box of a matrix whose first element is (column, row); outside the matrix it is zeros.
__device__ __forceinline__ void copy_box(std::uint32_t to, const CUtensorMap* map, int column,
                                         int row, std::uint64_t* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, "
      "%4}], [%2];" ::"r"(to),
      "l"(map), "r"(smem_address(barrier)), "r"(column), "r"(row)
      : "memory");
}

// The other way; what lies outside the matrix is not written. Stores are counted in groups by the
// thread that issues them.
__device__ __forceinline__ void store_box(const CUtensorMap* map, std::uint32_t from, int column,
                                          int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%2, %3}], [%1];\n"
      "cp.async.bulk.commit_group;" ::"l"(map),
      "r"(from), "r"(column), "r"(row)
      : "memory");
}
// A box of an NHWC map whose first corner is (c, w, h, n).
__device__ __forceinline__ void store_box(const CUtensorMap* map, std::uint32_t from, int c, int w,
                                          int h, int n) {
  asm volatile(
      "cp.async.bulk.tensor.4d.global.shared::cta.bulk_group [%0, {%2, %3, %4, %5}], [%1];\n"
      "cp.async.bulk.commit_group;" ::"l"(map),
      "r"(from), "r"(c), "r"(w), "r"(h), "r"(n)
      : "memory");
}
// Waits until at most kPending groups of this thread still read shared memory. A block may end
// then: a grid is complete, also for kernels chained to it, when what its groups write has been
// written.
template <int kPending>
__device__ __forceinline__ void wait_stores_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(kPending) : "memory");
}

// --- clusters: blocks that run together and see each other's shared memory ----------------------
__device__ __forceinline__ int cluster_rank() {
  int rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}
// All threads of all blocks of the cluster; what they wrote before is seen after.
__device__ __forceinline__ void cluster_sync() {
  asm volatile(
      "barrier.cluster.arrive.release;\n"
      "barrier.cluster.wait.acquire;" ::
          : "memory");
}
// 16 bytes at the same place of another block's shared memory.
__device__ __forceinline__ void load_cluster_16(std::uint32_t (&words)[4], std::uint32_t from,
                                                int rank) {
  asm volatile(
      "{ .reg .b32 there;\n"
      "mapa.shared::cluster.u32 there, %4, %5;\n"
      "ld.shared::cluster.v4.u32 {%0, %1, %2, %3}, [there]; }"
      : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
      : "r"(from), "r"(rank)
      : "memory");
}
__device__ __forceinline__ void store_cluster_16(std::uint32_t to, int rank, const float4& v) {
  asm volatile(
      "{ .reg .b32 there;\n"
      "mapa.shared::cluster.u32 there, %0, %1;\n"
      "st.shared::cluster.v4.f32 [there], {%2, %3, %4, %5}; }" ::"r"(to),
      "r"(rank), "f"(v.x), "f"(v.y), "f"(v.z), "f"(v.w)
      : "memory");
}

// --- roles -----------------------------------------------------------------------------------
// True in one thread of a whole warp, always the same one. The copy engine's instructions take
// their operands from registers that a warp has once: behind this condition they are computed
// there, behind any other each instruction becomes a loop over the threads that might be there.
__device__ __forceinline__ bool elected() {
  int chosen;
  asm volatile(
      "{ .reg .pred P;\n"
      "elect.sync _|P, 0xffffffff;\n"
      "selp.b32 %0, 1, 0, P; }"
      : "=r"(chosen));
  return chosen != 0;
}
template <int kRegisters>
__device__ __forceinline__ void release_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
__device__ __forceinline__ void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
__device__ __forceinline__ void named_barrier_sync(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}
__device__ __forceinline__ void named_barrier_arrive(int id, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

}  // namespace octet::cuda
