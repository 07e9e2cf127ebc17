// What the persistent kernels share, whatever brings their operands: where things lie in shared
// memory, the tiles of a block, the ring of stages, the turns of the teams of warpgroups, and the
// way of a tile from its sums to memory.
//
// A kernel is a type G: kGroups warpgroups a team, kTeams teams, kConsumers and kThreads of both;
// kBlocksM blocks of 64 rows of a warpgroup, kN output channels; kSlots slots of kSlotBytes for z
// and y; kRule, kZ, kPlain of the epilogue.
#pragma once

#include "backends/cuda/common/launch_limited.cuh"
#include "backends/cuda/common/ptx_chain.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

// The tiles of a block, or of a team that has every kTeams-th of them, channels first, so that
// blocks that run together share their pixels. Division is slow: the steps come from the host.
struct TileWalk {
  int n, m;  // tile of channels, tile of pixels

  // From the block's tile number `turn` on.
  __device__ __forceinline__ explicit TileWalk(const WgmmaConvParams& p, int turn = 0) {
    const int tile = static_cast<int>(blockIdx.x) + turn * static_cast<int>(gridDim.x);
    m = tile / p.n_tiles;
    n = tile - m * p.n_tiles;
  }
  __device__ __forceinline__ void advance(const WgmmaConvParams& p, const TileStep& step) {
    n += step.n;
    m += step.m;
    if (n >= p.n_tiles) {
      n -= p.n_tiles;
      ++m;
    }
  }
};

struct RingPosition {
  int stage, parity;

  __device__ __forceinline__ void advance(int stages) {
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
  // By `rounds` times the ring and `more` stages.
  __device__ __forceinline__ void skip(int rounds, int more, int stages) {
    stage += more;
    parity ^= rounds & 1;
    if (stage >= stages) {
      stage -= stages;
      parity ^= 1;
    }
  }
};

// Teams multiply in turns, in the order of their tiles, so that one has the Tensor Cores while
// others finish theirs. It is also what keeps a team from taking a stage one round of the ring too
// early: it waits for its first stage when all stages before that have been filled.
template <typename G>
struct Turns {
  static constexpr int kThreads = 2 * 128 * G::kGroups;

  static __device__ __forceinline__ int barrier(int team) {
    return 1 + G::kConsumers + team % G::kTeams;
  }
  static __device__ __forceinline__ void begin(int team) {
    if (G::kTeams > 1 && team == G::kTeams - 1) named_barrier_arrive(barrier(0), kThreads);
  }
  static __device__ __forceinline__ void take(int team) {
    if (G::kTeams > 1) named_barrier_sync(barrier(team), kThreads);
  }
  static __device__ __forceinline__ void hand_over(int team) {
    if (G::kTeams > 1) named_barrier_arrive(barrier(team + 1), kThreads);
  }
  // The last turn was offered to a team that has no tile; it takes it, so that no barrier is left
  // half full. `here` are the tiles of this block.
  static __device__ __forceinline__ void end(int team, int here) {
    if (here % G::kTeams == team) take(team);
  }
};

// Kernels that say so see to the exceptions of lines (wgmma/line.hpp), with z.
template <typename G>
concept TakesExceptions = requires {
  requires G::kTakesExceptions;
};

// Calls finish.template operator()<how>() with the way in which a kernel G finishes its values.
template <typename G, typename Function>
__device__ __forceinline__ void finish_by_form(const WgmmaConvParams& p, Function finish) {
  constexpr bool kTwice = G::kZ == WgmmaZ::twice, kNone = G::kZ == WgmmaZ::none;
  if constexpr (kTwice && TakesExceptions<G>)
    if (p.lines.but_one) return finish.template operator()<Finish::from_lowest_but_one>();
  if constexpr (kTwice || (kNone && !G::kPlain))
    if (p.lines.use == LineUse::from_lowest)
      return finish.template operator()<Finish::from_lowest>();
  if constexpr (kTwice || kNone)
    if (p.lines.use == LineUse::from_zero) return finish.template operator()<Finish::from_zero>();
  if constexpr (kTwice)
    if (p.proved) return finish.template operator()<Finish::proved>();
  if constexpr (!kTwice && !kNone && G::kPlain)
    if (p.relu_mask != 0) return finish.template operator()<Finish::relu>();
  finish.template operator()<Finish::canonical>();
}

// | ring | slots | filter, where it stays | m, bias of all channels | barriers |
template <typename G>
struct BlockShared {
  std::uint32_t ring, slots, filter;
  int stage_bytes;
  float* m;
  std::int32_t* bias;
  std::uint64_t *full, *empty, *z_full, *z_empty, *prepared;

  __device__ __forceinline__ BlockShared(std::uint8_t* raw, const WgmmaConvParams& p,
                                         int bytes_of_stage, int filter_bytes)
      : ring((smem_address(raw) + 1023) & ~1023u), stage_bytes(bytes_of_stage) {
    slots = ring + p.stages * stage_bytes;
    filter = slots + G::kConsumers * G::kSlots * G::kSlotBytes;
    const std::uint32_t after = filter + (p.resident ? filter_bytes : 0);
    m = reinterpret_cast<float*>(raw + (after - smem_address(raw)));
    bias = reinterpret_cast<std::int32_t*>(m + p.n_tiles * G::kN);
    full = reinterpret_cast<std::uint64_t*>(bias + p.n_tiles * G::kN);
    empty = full + p.stages;
    z_full = empty + p.stages;
    z_empty = z_full + G::kConsumers * G::kSlots;
    prepared = z_empty + G::kConsumers * G::kSlots;
  }
  __device__ __forceinline__ std::uint32_t slot(int group, int i) const {
    return slots + (group * G::kSlots + i) * G::kSlotBytes;
  }
};

// What a block does first, since it depends on no earlier kernel: barriers, the constants of all
// channels, and a filter that stays (`parts` of `part_bytes`).
template <typename G>
__device__ __forceinline__ void prepare_block(const BlockShared<G>& shared,
                                              const WgmmaConvParams& p, int parts, int part_bytes) {
  if (threadIdx.x < 32 && elected()) {
    for (int i = 0; i < p.stages; ++i) {
      barrier_init(shared.full + i, 1);
      barrier_init(shared.empty + i, 4 * G::kGroups);  // an arrival per warp that read it
    }
    for (int i = 0; i < G::kConsumers * G::kSlots; ++i) {
      barrier_init(shared.z_full + i, 1);
      barrier_init(shared.z_empty + i, 1);
    }
    barrier_init(shared.prepared, 1);
    fence_async_proxy();
    const int constant_bytes = p.n_tiles * G::kN * 4;
    barrier_expect(shared.prepared, 2 * constant_bytes + (p.resident ? parts * part_bytes : 0));
    copy_bulk(smem_address(shared.m), p.m, constant_bytes, shared.prepared);
    copy_bulk(smem_address(shared.bias), p.bias, constant_bytes, shared.prepared);
    if (p.resident)
      for (int i = 0; i < parts; ++i)
        copy_bulk(shared.filter + i * part_bytes, p.filter + i * part_bytes, part_bytes,
                  shared.prepared);
  }
  __syncthreads();
  allow_next_kernel();
}

// For those who use what prepare_block() has brought, and write.
template <typename G>
__device__ __forceinline__ void wait_for_preparations(const BlockShared<G>& shared) {
  wait_for_earlier_kernels();
  barrier_wait(shared.prepared, 0);
}

// z of each tile into the slot that y will be written from: copy(slot, tile, part of the team's
// tile, barrier) starts kSlotBytes on their way.
template <typename G, typename Copy>
__device__ __forceinline__ void produce_z(const WgmmaConvParams& p, const BlockShared<G>& shared,
                                          int m_tiles, Copy copy) {
  int team = 0, slot = 0, parity = 1;
  wait_for_earlier_kernels();
  for (TileWalk tile(p); tile.m < m_tiles; tile.advance(p, p.block_step)) {
    for (int part = 0; part < G::kGroups; ++part) {
      const int group = team * G::kGroups + part, at = group * G::kSlots + slot;
      barrier_wait(shared.z_empty + at, parity);
      barrier_expect(shared.z_full + at, G::kSlotBytes);
      copy(shared.slot(group, slot), tile, part, shared.z_full + at);
    }
    if (++team < G::kTeams) continue;
    team = 0;
    if (++slot < G::kSlots) continue;
    slot = 0;
    parity ^= 1;
  }
}

// True in the thread that stores what a warpgroup has made; `tid` is within it. Where it is elected
// the store is short. Canonical epilogues, and threads with many sums, leave no
// register for that.
template <typename G>
__device__ __forceinline__ bool stores(int tid) {
  if constexpr (G::kPlain && G::kConsumers > 2) return tid < 32 && elected();
  else return tid == 0;
}

// From the sums of a warpgroup's tile number `turn` to memory: finish<how>(slot) from the slot's z
// to its y, and store(slot) by one thread.
template <typename G, typename Finishing, typename Store>
__device__ __forceinline__ void finish_turn(const WgmmaConvParams& p, const BlockShared<G>& shared,
                                            int group, int turn, Finishing finish, Store store) {
  const int tid = static_cast<int>(threadIdx.x) % 128, in_turn = turn % G::kSlots;
  const std::uint32_t slot = shared.slot(group, in_turn);
  // The store of the turn before has been on its way for all of the products.
  if (stores<G>(tid)) wait_stores_read<0>();
  if constexpr (G::kZ != WgmmaZ::none) {
    if (turn > 0 && stores<G>(tid))
      barrier_arrive(shared.z_empty + group * G::kSlots + (turn - 1) % G::kSlots);
    barrier_wait(shared.z_full + group * G::kSlots + in_turn, turn / G::kSlots & 1);
  } else {
    named_barrier_sync(1 + group, 128);
  }
  finish_by_form<G>(p, [&]<Finish kFinish>() { finish.template operator()<kFinish>(slot); });
  fence_async_proxy();
  named_barrier_sync(1 + group, 128);
  if (stores<G>(tid)) store(slot);
}

// The tiles of a consumer warpgroup: multiply(sums, tile, ring position), finish<how>(sums, slot,
// m, bias) from the slot's z to its y, and store(slot, tile) by one thread.
template <typename G, typename Multiply, typename Finishing, typename Store>
__device__ __forceinline__ void consume_tiles(const WgmmaConvParams& p,
                                              const BlockShared<G>& shared, int group, int m_tiles,
                                              Multiply multiply, Finishing finish, Store store) {
  const int team = group / G::kGroups;
  wait_for_preparations(shared);
  Turns<G>::begin(team);
  RingPosition at{0, 0};
  at.skip(team * p.k_tiles / p.stages, team * p.k_tiles % p.stages, p.stages);
  int turn = 0;
  for (TileWalk tile(p, team); tile.m < m_tiles; tile.advance(p, p.team_step), ++turn) {
    int acc[G::kBlocksM][G::kN / 2];
    multiply(acc, tile, at);
    at.skip(p.others_rounds, p.others_stages, p.stages);
    const float* const m = shared.m + tile.n * G::kN;
    const std::int32_t* const bias = shared.bias + tile.n * G::kN;
    finish_turn<G>(
        p, shared, group, turn,
        [&]<Finish kFinish>(std::uint32_t slot) {
          finish.template operator()<kFinish>(acc, slot, m, bias);
        },
        [&](std::uint32_t slot) { store(slot, tile); });
  }
  const int first = static_cast<int>(blockIdx.x), blocks = static_cast<int>(gridDim.x);
  Turns<G>::end(team, (m_tiles * p.n_tiles - first + blocks - 1) / blocks);
  if (stores<G>(static_cast<int>(threadIdx.x) % 128)) wait_stores_read<0>();
}

// Launches a kernel that takes as much shared memory as its plan says, up to all of a block's.
template <typename... Parameters, typename... Arguments>
void launch_pipeline(void (*kernel)(Parameters...), const LaunchShape& shape, cudaStream_t stream,
                     const Arguments&... arguments) {
  launch_limited(kernel, shape, kMostSharedMemory, stream, arguments...);
}

// Blocks of a persistent kernel: one for each multiprocessor, and none without a tile.
inline unsigned persistent_blocks(int tiles, int multiprocessors) {
  return static_cast<unsigned>(tiles < multiprocessors ? tiles : multiprocessors);
}
// The same for a kernel whose tiles are a TileWalk's; its steps are put in `p`.
inline unsigned persistent_blocks(WgmmaConvParams& p, int m_tiles, int teams, int multiprocessors) {
  const unsigned blocks = persistent_blocks(m_tiles * p.n_tiles, multiprocessors);
  set_steps(p, static_cast<int>(blocks), teams);
  return blocks;
}

}  // namespace octet::cuda
