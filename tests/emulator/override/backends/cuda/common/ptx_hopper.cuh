// The emulated instructions of the Hopper kernels; see the header of the same name under src.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <cstring>

#include "emulator/machine.hpp"
#include "emulator/tensor_map.hpp"

namespace octet::cuda {

namespace emulated = octet::emulator;

inline std::uint32_t smem_address(const void* p) { return emulated::shared_address_of(p); }
inline void* smem_pointer(std::uint32_t address) { return emulated::shared_at(address, 1); }

// A barrier as the 64 bits that the hardware keeps: only the meaning of the fields is the same.
struct EmulatedBarrier {
  std::uint16_t expected, pending;
  std::int32_t bytes : 31;
  std::uint32_t phase : 1;

  void settle() {
    if (pending != 0 || bytes != 0) return;
    pending = expected;
    phase ^= 1;
  }
  void arrive() {
    if (pending == 0) emulated::fail("more arrivals than the barrier expects");
    --pending;
    settle();
  }
};
static_assert(sizeof(EmulatedBarrier) == 8);

inline EmulatedBarrier& emulated_barrier(std::uint64_t* barrier) {
  return *reinterpret_cast<EmulatedBarrier*>(emulated::shared_at(smem_address(barrier), 8));
}

inline void barrier_init(std::uint64_t* barrier, int arrivals) {
  const auto count = static_cast<std::uint16_t>(arrivals);
  emulated_barrier(barrier) = {count, count, 0, 0};
}
inline void barrier_arrive(std::uint64_t* barrier) { emulated_barrier(barrier).arrive(); }
inline void barrier_expect(std::uint64_t* barrier, int bytes) {
  emulated_barrier(barrier).bytes += bytes;
  barrier_arrive(barrier);
}
inline void barrier_arrive_after_copies(std::uint64_t* barrier) {
  emulated::self().copies.finish();
  EmulatedBarrier& at = emulated_barrier(barrier);
  emulated::some_time([&at] { at.arrive(); });
}
inline void barrier_wait(std::uint64_t* barrier, int parity) {
  const EmulatedBarrier& at = emulated_barrier(barrier);
  emulated::wait_until([&at, parity] { return at.phase != static_cast<unsigned>(parity); });
}

inline void fence_async_proxy() {}

inline std::uint32_t load_shared_4(std::uint32_t from) {
  std::uint32_t word;
  std::memcpy(&word, emulated::shared_at(from, sizeof(word)), sizeof(word));
  return word;
}
inline void store_shared_4(std::uint32_t to, std::uint32_t word) {
  std::memcpy(emulated::shared_at(to, sizeof(word)), &word, sizeof(word));
}
inline float4 load_shared_floats(std::uint32_t from) {
  float4 v;
  std::memcpy(&v, emulated::shared_at(from, sizeof(v)), sizeof(v));
  return v;
}
template <std::size_t kCount>
void load_shared_words(std::uint32_t (&words)[kCount], std::uint32_t from) {
  std::memcpy(words, emulated::shared_at(from, sizeof(words)), sizeof(words));
}
template <std::size_t kCount>
void store_shared_words(std::uint32_t to, const std::uint32_t (&words)[kCount]) {
  std::memcpy(emulated::shared_at(to, sizeof(words)), words, sizeof(words));
}

inline void prefetch_map(const CUtensorMap*) {}

// A copy that tells the barrier how many bytes have come. It may be made while another thread runs,
// so it names its block.
template <typename Copy>
void emulate_copy(std::uint64_t* barrier, Copy copy) {
  EmulatedBarrier& at = emulated_barrier(barrier);
  emulated::some_time([&at, copy] {
    at.bytes -= copy();
    at.settle();
  });
}

inline void copy_bulk(std::uint32_t to, const void* from, int bytes, std::uint64_t* barrier) {
  if (to % 16 != 0 || bytes % 16 != 0 || reinterpret_cast<std::uintptr_t>(from) % 16 != 0)
    emulated::fail("a bulk copy that is not aligned to 16 bytes");
  std::byte* const target = emulated::shared_at(to, static_cast<std::size_t>(bytes));
  emulate_copy(barrier, [=] {
    std::memcpy(target, from, static_cast<std::size_t>(bytes));
    return bytes;
  });
}
inline void copy_im2col(std::uint32_t to, const CUtensorMap* map, int c, int w, int h, int n, int s,
                        int r, std::uint64_t* barrier) {
  emulate_copy(barrier, [=, map = emulated::tensor_map(*map), block = emulated::self().block] {
    const int corner[4] = {c, w, h, n};
    return emulated::load_im2col(map, *block, to, corner, s, r);
  });
}
inline void copy_box(std::uint32_t to, const CUtensorMap* map, int c, int w, int h, int n,
                     std::uint64_t* barrier) {
  emulate_copy(barrier, [=, map = emulated::tensor_map(*map), block = emulated::self().block] {
    const int corner[4] = {c, w, h, n};
    return emulated::load_tile(map, *block, to, corner);
  });
}
inline void copy_box(std::uint32_t to, const CUtensorMap* map, int column, int row,
                     std::uint64_t* barrier) {
  copy_box(to, map, column, row, 0, 0, barrier);
}

inline void store_box(const CUtensorMap* map, std::uint32_t from, int c, int w, int h, int n) {
  emulated::Thread& thread = emulated::self();
  thread.stores.add([=, map = emulated::tensor_map(*map), block = thread.block] {
    const int corner[4] = {c, w, h, n};
    emulated::store_tile(map, *block, from, corner);
  });
  thread.stores.commit();
}
inline void store_box(const CUtensorMap* map, std::uint32_t from, int column, int row) {
  store_box(map, from, column, row, 0, 0);
}
template <int kPending>
void wait_stores_read() {
  emulated::self().stores.wait(kPending);
}

inline bool elected() { return emulated::self().lane == 0; }

inline int cluster_rank() { return emulated::self().block->rank; }
inline void cluster_sync() { emulated::sync_cluster(); }
inline void load_cluster_16(std::uint32_t (&words)[4], std::uint32_t from, int rank) {
  std::memcpy(words, emulated::shared_at(emulated::block_of_cluster(rank), from, 16), 16);
}
inline void store_cluster_16(std::uint32_t to, int rank, const float4& v) {
  std::memcpy(emulated::shared_at(emulated::block_of_cluster(rank), to, 16), &v, 16);
}

template <int kRegisters>
void release_registers() {}
template <int kRegisters>
void take_registers() {}
inline void named_barrier_sync(int id, int threads) { emulated::sync_named(id, threads); }
inline void named_barrier_arrive(int id, int threads) { emulated::arrive_named(id, threads); }

}  // namespace octet::cuda
