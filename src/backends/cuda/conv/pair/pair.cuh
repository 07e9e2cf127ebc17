// Two 1x1 convolutions in a row on Hopper, NHWC: y, the wide map between them, is written once and
// is an operand of the second while it still is in shared memory.
//
//   y = finish(x * first filter, z)     r = finish(y * second filter)
//
//   producer warps                      a consumer warpgroup: 64 pixels of the block's tile
//   +---------------------------+       +--------------------------------------------------------+
//   | one a warpgroup:          |       | for each turn of kTurn channels of y:                  |
//   |   x of a tile by TMA      | ====> |   first sums  = x * part of the first filter           |
//   |   z of each turn by TMA   | ====> |   slot: z -> y, by the epilogue; TMA stores the slot   |
//   | one for all:              |       |   second sums += slot * part of the second filter      |
//   |   parts of both filters   | ====> | r = epilogue of the second sums, through slots as well |
//   +---------------------------+       +--------------------------------------------------------+
//   shared memory:
//   | both filters, a part   | of each warpgroup: slots | x: 64 x kDepth, | constants  |
//   | for each turn: kTurn x | of 64 x kTurn, swizzled  | 1 or 2 buffers  | of y and r |
//   | kDepth, kChannels x    | over kTurn               |                 |            |
//   | kTurn                  |                          |                 |            |
//
// A slot is at once what TMA stores and a K-major left operand. The warpgroups share the filters
// and nothing else, so that the products of one run under the epilogues of the others.
//
// Bound by memory, which x, z, y and r pass once each, and nearly as much by the instructions of
// the epilogue.
#pragma once

#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/pair/params.hpp"
#include "backends/cuda/conv/wgmma/gemm.cuh"

namespace octet::cuda {

// How one of the two maps is finished: what epilogue.cuh and finish_tile() ask of a kernel.
template <int N, WgmmaZ Z>
struct PairFinish {
  static constexpr int kBlocksM = 1, kN = N, kRun = N / 4;
  static constexpr WgmmaRule kRule = WgmmaRule::scaled_bias;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kPlain = true;
};

template <int kIndex, WgmmaZ Z>
struct Pair {
  static constexpr PairTile kTile = kPairTiles[kIndex];
  static constexpr int kTurn = kTile.turn, kChannels = kTile.channels, kDepth = kTile.depth;
  static constexpr int kGroups = kTile.groups;
  static constexpr bool kHasZ = Z != WgmmaZ::none;
  static constexpr int kOut = pair_out_channels(kTile), kOuts = kChannels / kOut;
  static constexpr int kFirstBytes = pair_first_bytes(kTile);
  static constexpr int kSecondBytes = pair_second_bytes(kTile);
  static constexpr int kSlotBytes = 64 * kTurn, kXBytes = 64 * kDepth;
  static constexpr int kThreads = 128 * (kGroups + 1);
  static constexpr int kProducerRegisters = 32, kRegisters = 160;
  using First = PairFinish<kTurn, Z>;
  using Second = PairFinish<kOut, WgmmaZ::none>;
  using FirstSums = int[1][kTurn / 2];
  using SecondSums = int[kChannels / 2];

  static_assert(kGroups == 3, "a producer warp for each warpgroup, and one for the filters");
  static_assert(kTurn == 64 || kTurn == 128, "a slot is one swizzle span wide");
};

template <typename P>
struct PairShared {
  std::uint32_t first, second, slots, x;  // the filters, by turns; of each warpgroup
  float *first_m, *second_m;
  std::int32_t *first_bias, *second_bias;
  std::uint64_t *first_full, *second_full, *z_full, *z_empty, *x_full, *x_empty;

  __device__ __forceinline__ PairShared(std::uint8_t* raw, const PairParams& p)
      : first((smem_address(raw) + 1023) & ~1023u) {
    second = first + p.turns * P::kFirstBytes;
    slots = second + p.turns * P::kSecondBytes;
    x = slots + P::kGroups * p.slots * P::kSlotBytes;
    const std::uint32_t after = x + P::kGroups * p.buffers * P::kXBytes;
    first_m = reinterpret_cast<float*>(raw + (after - smem_address(raw)));
    first_bias = reinterpret_cast<std::int32_t*>(first_m + p.turns * P::kTurn);
    second_m = reinterpret_cast<float*>(first_bias + p.turns * P::kTurn);
    second_bias = reinterpret_cast<std::int32_t*>(second_m + P::kChannels);
    first_full = reinterpret_cast<std::uint64_t*>(second_bias + P::kChannels);
    second_full = first_full + p.turns;
    z_full = second_full + p.turns;
    z_empty = z_full + P::kGroups * p.slots;
    x_full = z_empty + P::kGroups * p.slots;
    x_empty = x_full + P::kGroups * p.buffers;
  }

  // The same as one warpgroup sees it: its slots, its x and their barriers.
  __device__ __forceinline__ PairShared of_group(const PairParams& p, int group) const {
    PairShared own = *this;
    own.slots += group * p.slots * P::kSlotBytes;
    own.x += group * p.buffers * P::kXBytes;
    own.z_full += group * p.slots;
    own.z_empty += group * p.slots;
    own.x_full += group * p.buffers;
    own.x_empty += group * p.buffers;
    return own;
  }
};

template <typename P>
__device__ __forceinline__ void prepare_pair(const PairShared<P>& shared, const PairParams& p) {
  constexpr int kWarps = 4;  // of a warpgroup: each arrives when it needs something no longer
  const int tid = static_cast<int>(threadIdx.x);
  if (tid == 0) {
    for (int i = 0; i < p.turns; ++i) {
      barrier_init(shared.first_full + i, 1);
      barrier_init(shared.second_full + i, 1);
    }
    for (int i = 0; i < P::kGroups * p.slots; ++i) {
      barrier_init(shared.z_full + i, 1);
      barrier_init(shared.z_empty + i, kWarps);
    }
    for (int i = 0; i < P::kGroups * p.buffers; ++i) {
      barrier_init(shared.x_full + i, 1);
      barrier_init(shared.x_empty + i, kWarps);
    }
    fence_async_proxy();
  }
  __syncthreads();
  allow_next_kernel();
}

// The constants of both, brought by the consumers while the first operands are on their way.
template <typename P>
__device__ __forceinline__ void bring_constants(const PairShared<P>& shared, const PairParams& p) {
  constexpr int kConsumers = 128 * P::kGroups;
  const int tid = static_cast<int>(threadIdx.x);
  for (int i = tid; i < p.turns * P::kTurn; i += kConsumers) {
    shared.first_m[i] = p.first.m[i];
    shared.first_bias[i] = p.first.bias[i];
  }
  for (int i = tid; i < P::kChannels; i += kConsumers) {
    shared.second_m[i] = p.second.m[i];
    shared.second_bias[i] = p.second.bias[i];
  }
  named_barrier_sync(1 + P::kGroups, kConsumers);
}

// The filters depend on no earlier kernel.
template <typename P>
__device__ __forceinline__ void produce_filters(const PairParams& p, const PairShared<P>& shared) {
  const auto bring = [](std::uint32_t to, const std::int8_t* from, int bytes, std::uint64_t* full) {
    barrier_expect(full, bytes);
    copy_bulk(to, from, bytes, full);
  };
  const std::int8_t* const second = p.filter + p.turns * P::kFirstBytes;
  for (int turn = 0; turn < p.turns; ++turn) {
    bring(shared.first + turn * P::kFirstBytes, p.filter + turn * P::kFirstBytes, P::kFirstBytes,
          shared.first_full + turn);
    bring(shared.second + turn * P::kSecondBytes, second + turn * P::kSecondBytes, P::kSecondBytes,
          shared.second_full + turn);
  }
}

// x of each tile and z of each turn, for one warpgroup.
template <typename P>
__device__ __forceinline__ void produce_operands(const PairMaps& maps, const PairParams& p,
                                                 const PairShared<P>& shared, int group) {
  RingPosition slot{0, 1}, buffer{0, 1};
  const int grid = static_cast<int>(gridDim.x);
  const auto first_pixel = [&](int tile) { return (tile * P::kGroups + group) * 64; };
  const auto bring_x = [&](int tile) {
    if (tile >= p.tiles) return;
    std::uint64_t* const full = shared.x_full + buffer.stage;
    barrier_wait(shared.x_empty + buffer.stage, buffer.parity);
    barrier_expect(full, P::kXBytes);
    copy_box(shared.x + buffer.stage * P::kXBytes, &maps.x, 0, first_pixel(tile), full);
    buffer.advance(p.buffers);
  };
  // Gives the next slot to the consumers, with z of a turn under way to it or as it is.
  const auto give_slot = [&](bool brings_z, int turn, int tile) {
    std::uint64_t* const full = shared.z_full + slot.stage;
    barrier_wait(shared.z_empty + slot.stage, slot.parity);
    if (brings_z) {
      barrier_expect(full, P::kSlotBytes);
      copy_box(shared.slots + slot.stage * P::kSlotBytes, &maps.z, turn * P::kTurn,
               first_pixel(tile), full);
    } else {
      barrier_arrive(full);
    }
    slot.advance(p.slots);
  };
  bring_x(static_cast<int>(blockIdx.x));
  for (int tile = static_cast<int>(blockIdx.x); tile < p.tiles; tile += grid) {
    for (int turn = 0; turn < p.turns; ++turn) give_slot(P::kHasZ, turn, tile);
    bring_x(tile + grid);
    for (int out = 0; out < P::kOuts; ++out) give_slot(false, 0, 0);
  }
}

// A consumer warpgroup. While it finishes a turn of y, the second product of the turn before is
// under way:
//
//   products: | first 0 |          | first 1 | second 0 |   | first 2 | second 1 | ... | second |
//   epilogue:           | y turn 0 |         | y turn 1     |         | y turn 2       |        | r
template <typename P>
class PairConsumer {
 public:
  __device__ __forceinline__ PairConsumer(const PairMaps& maps, const PairParams& p,
                                          const PairShared<P>& shared, int group)
      : maps_(maps),
        p_(p),
        shared_(shared),
        group_(group),
        tid_(static_cast<int>(threadIdx.x) % 128) {}

  __device__ __forceinline__ void run() {
    const int grid = static_cast<int>(gridDim.x);
    for (int tile = static_cast<int>(blockIdx.x); tile < p_.tiles; tile += grid) {
      const int first_pixel = (tile * P::kGroups + group_) * 64;
      barrier_wait(shared_.x_full + buffer_.stage, buffer_.parity);
      const std::uint64_t x = matrix_descriptor<P::kDepth>(shared_.x + buffer_.stage * P::kXBytes);
      typename P::FirstSums first;
      typename P::SecondSums second;
      std::uint32_t slot = 0;
      for (int turn = 0; turn < p_.turns; ++turn) {
        multiply_first(first, x, turn);
        if (turn > 0) {
          store(&maps_.y, slot, (turn - 1) * P::kTurn, first_pixel);
          multiply_second(second, slot, turn - 1);
        }
        wgmma_commit();  // in a tile's first turn of nothing, so that one group always is the last
        wgmma_wait<1>();
        if (turn + 1 == p_.turns) give_back_x();
        slot = take_slot();
        finish_by_form<typename P::First>(p_.first, [&]<Finish kFinish>() {
          finish_tile<typename P::First, kFinish>(p_.first, first, slot,
                                                  shared_.first_m + turn * P::kTurn,
                                                  shared_.first_bias + turn * P::kTurn, tid_);
        });
        wgmma_wait<0>();
        give_back();
      }
      store(&maps_.y, slot, (p_.turns - 1) * P::kTurn, first_pixel);
      multiply_second(second, slot, p_.turns - 1);
      wgmma_commit();
      wgmma_wait<0>();
#pragma unroll
      for (int out = 0; out < P::kOuts; ++out) finish_second(second, out, first_pixel);
    }
    if (tid_ == 0) wait_stores_read<0>();
  }

 private:
  __device__ __forceinline__ void multiply_first(typename P::FirstSums& sums, std::uint64_t x,
                                                 int turn) {
    barrier_wait(shared_.first_full + turn, 0);
    const std::uint64_t filter =
        matrix_descriptor<P::kDepth>(shared_.first + turn * P::kFirstBytes);
    wgmma_fence();
#pragma unroll
    for (int step = 0; step < P::kDepth / 32; ++step)
      Wgmma<P::kTurn, false>::run(sums[0], descriptor_after(x, step * 32),
                                  descriptor_after(filter, step * 32), step > 0);
    wgmma_commit();
  }

  __device__ __forceinline__ void multiply_second(typename P::SecondSums& sums, std::uint32_t slot,
                                                  int turn) {
    barrier_wait(shared_.second_full + turn, 0);
    const std::uint64_t y = matrix_descriptor<P::kTurn>(slot);
    const std::uint64_t filter =
        matrix_descriptor<P::kTurn>(shared_.second + turn * P::kSecondBytes);
    wgmma_fence();
#pragma unroll
    for (int step = 0; step < P::kTurn / 32; ++step)
      Wgmma<P::kChannels, false>::run(sums, descriptor_after(y, step * 32),
                                      descriptor_after(filter, step * 32), turn > 0 || step > 0);
  }

  // The tile's first products have read x.
  __device__ __forceinline__ void give_back_x() {
    if (tid_ % 32 == 0) barrier_arrive(shared_.x_empty + buffer_.stage);
    buffer_.advance(p_.buffers);
  }
  // The next slot, with z in it.
  __device__ __forceinline__ std::uint32_t take_slot() {
    barrier_wait(shared_.z_full + slot_.stage, slot_.parity);
    return shared_.slots + slot_.stage * P::kSlotBytes;
  }
  // The slot before the one in work: its product and its store have read it.
  __device__ __forceinline__ void give_back() {
    if (tid_ == 0) wait_stores_read<0>();
    if (tid_ % 32 == 0 && last_slot_ >= 0) barrier_arrive(shared_.z_empty + last_slot_);
    last_slot_ = slot_.stage;
    slot_.advance(p_.slots);
  }

  // What the warpgroup has written to a slot is seen by the copy engine and the Tensor Cores.
  __device__ __forceinline__ void store(const CUtensorMap* map, std::uint32_t slot, int channel,
                                        int pixel) {
    fence_async_proxy();
    named_barrier_sync(1 + group_, 128);
    if (tid_ == 0) store_box(map, slot, channel, pixel);
  }

  __device__ __forceinline__ void finish_second(const typename P::SecondSums& second, int out,
                                                int first_pixel) {
    constexpr int kHeld = P::kOut / 2;
    int sums[1][kHeld];
#pragma unroll
    for (int i = 0; i < kHeld; ++i) sums[0][i] = second[out * kHeld + i];
    const std::uint32_t slot = take_slot();
    finish_by_form<typename P::Second>(p_.second, [&]<Finish kFinish>() {
      finish_tile<typename P::Second, kFinish>(p_.second, sums, slot,
                                               shared_.second_m + out * P::kOut,
                                               shared_.second_bias + out * P::kOut, tid_);
    });
    give_back();
    store(&maps_.r, slot, out * P::kOut, first_pixel);
  }

  const PairMaps& maps_;
  const PairParams& p_;
  const PairShared<P> shared_;
  const int group_, tid_;
  RingPosition slot_{0, 0}, buffer_{0, 0};
  int last_slot_ = -1;
};

template <typename P>
__global__ __launch_bounds__(P::kThreads, 1) void pair(const __grid_constant__ PairMaps maps,
                                                       const __grid_constant__ PairParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const PairShared<P> shared(raw, p);
  if (tid == 0) {
    prefetch_map(&maps.x);
    prefetch_map(&maps.y);
    prefetch_map(&maps.r);
    if (P::kHasZ) prefetch_map(&maps.z);
  }
  prepare_pair(shared, p);
  if (group == P::kGroups) {
    release_registers<P::kProducerRegisters>();
    const int warp = warp_of_block() % 4;
    if (!elected()) return;
    if (warp == P::kGroups) {
      produce_filters<P>(p, shared);
    } else {
      wait_for_earlier_kernels();
      produce_operands<P>(maps, p, shared.of_group(p, warp), warp);
    }
  } else {
    take_registers<P::kRegisters>();
    bring_constants(shared, p);
    wait_for_earlier_kernels();
    PairConsumer<P>(maps, p, shared.of_group(p, group), group).run();
  }
#endif
}

template <typename P>
void launch_pair(const PairMaps& maps, const PairParams& params, int multiprocessors,
                 cudaStream_t stream) {
  launch_pipeline(pair<P>,
                  {persistent_blocks(params.tiles, multiprocessors), P::kThreads,
                   static_cast<std::size_t>(params.shared_bytes)},
                  stream, maps, params);
}

}  // namespace octet::cuda
