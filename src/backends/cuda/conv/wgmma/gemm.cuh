// Convolution as a matrix product on Hopper, NHWC: pixels are M, output channels N.
//
//   producer warpgroup (2 threads)             consumer warpgroups, in teams of kGroups
//   +------------------------------+           +----------------------------------------------+
//   | for each tile, each K block: |   ring    | a team has a tile, a warpgroup kBlocksM x 64  |
//   |  A: TMA, kM pixels x kK      | ========> | pixels of it: wgmma 64 x kN x 32, sums in     |
//   |     channels of one tap      |  stages   | registers, then the epilogue, while the other |
//   |  B: bulk copy, packed filter |           | teams have the Tensor Cores                   |
//   | for each tile: z by TMA      | ========> | z is read from the slot, y written over it,   |
//   +------------------------------+   slots   | TMA stores the slot                           |
//                                              +----------------------------------------------+
//   shared memory:
//   | ring: stages x (A kM x kK | B kN x kK) | slots: 1 or 2 a warpgroup | filter | m, bias |
//   | swizzled over kK                       | swizzled over kN          | where  | of all  |
//   |                                        |                           | it fits| channels|
// A filter that fits stays in shared memory (B is absent from the ring then). Of a 1x1 filter
// without stride and padding A is a plain box of pixels x channels, else TMA's im2col form.
//
// Filter rows are permuted in packing so that the sums of a thread are a run of kN / 4 channels of
// one pixel: row 8j + 2q + e holds channel q * kN / 4 + 2j + e.
// Bound by memory where the filter is 1x1 and channels are few, by L2 and wgmma else.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"
#include "backends/cuda/conv/wgmma/pipeline.cuh"

namespace octet::cuda {

template <int BlocksM, int Groups, int Teams, int N, int K, WgmmaRule Rule, WgmmaZ Z, bool Unsigned,
          bool Plain>
struct GemmConv {
  static constexpr int kBlocksM = BlocksM, kGroups = Groups, kTeams = Teams, kN = N, kK = K;
  static constexpr WgmmaRule kRule = Rule;
  static constexpr WgmmaZ kZ = Z;
  static constexpr bool kUnsigned = Unsigned, kPlain = Plain;
  static constexpr int kRows = 64 * BlocksM;  // of a warpgroup
  static constexpr int kM = kRows * Groups;
  static constexpr int kRun = N / 4;  // channels that a thread holds per pixel
  static constexpr int kConsumers = Groups * Teams;
  static constexpr int kThreads = 128 * (kConsumers + 1);
  // What the consumers ask for and the producer keeps must fit in what the block got at launch.
  static constexpr int kProducerRegisters = kConsumers > 3 ? 32 : 48;
  static constexpr int kLaunchRegisters = 65536 / kThreads / 8 * 8;
  static constexpr int kFreeRegisters =
      (kLaunchRegisters * kThreads - 128 * kProducerRegisters) / (128 * kConsumers) / 8 * 8;
  static constexpr int kRegisters = kFreeRegisters > 240 ? 240 : kFreeRegisters;
  static constexpr int kABytes = kM * K, kBBytes = N * K;
  static constexpr int kSlots = wgmma_slots(Z), kSlotBytes = kRows * N;

  static_assert(N == 16 || N == 32 || N == 64 || N == 128, "a slot is one swizzle span wide");
  static_assert(K == 64 || K == 128, "a stage is one swizzle span wide");
};

template <typename G>
__device__ __forceinline__ BlockShared<G> gemm_shared(std::uint8_t* raw, const WgmmaConvParams& p) {
  return {raw, p, G::kABytes + (p.resident ? 0 : G::kBBytes), p.n_tiles * p.k_tiles * G::kBBytes};
}

// The filter's part of a stage, to a place of the ring that is free. It depends on no earlier
// kernel.
template <typename G>
__device__ __forceinline__ void load_filter(const WgmmaConvParams& p, const BlockShared<G>& shared,
                                            int place, const std::int8_t* filter) {
  std::uint64_t* const full = shared.full + place;
  barrier_expect(full, shared.stage_bytes);
  if (!p.resident)
    copy_bulk(shared.ring + place * shared.stage_bytes + G::kABytes, filter, G::kBBytes, full);
}

// The stages of the tile whose first output pixel and first block of filter these are. The filter's
// part of the first `early` is on its way.
template <typename G>
__device__ __forceinline__ void produce_tile(const CUtensorMap& map, const WgmmaConvParams& p,
                                             const BlockShared<G>& shared, RingPosition& at,
                                             int first, const std::int8_t* filter, int early) {
  int iw = 0, ih = 0, image = 0;
  if (!p.matrix) {
    const int line = first / p.ow;
    image = line / p.oh;
    iw = (first - line * p.ow) * p.stride_w - p.pad_left;
    ih = (line - image * p.oh) * p.stride_h - p.pad_top;
  }
  for (int r = 0; r < p.r; ++r)
    for (int s = 0; s < p.s; ++s)
      for (int block = 0; block < p.c_blocks; ++block) {
        const std::uint32_t to = shared.ring + at.stage * shared.stage_bytes;
        std::uint64_t* const full = shared.full + at.stage;
        barrier_wait(shared.empty + at.stage, at.parity);
        if (--early < 0) load_filter<G>(p, shared, at.stage, filter);
        if (p.matrix) copy_box(to, &map, block * G::kK, first, full);
        else
          copy_im2col(to, &map, block * G::kK, iw, ih, image, s * p.dilation_w, r * p.dilation_h,
                      full);
        filter += G::kBBytes;
        at.advance(p.stages);
      }
}

template <typename G>
__device__ __forceinline__ void produce(const CUtensorMap& map, const WgmmaConvParams& p,
                                        const BlockShared<G>& shared, int m_tiles) {
  RingPosition at{0, 1};
  TileWalk tile(p);
  const auto filter = [&] {
    return p.filter + static_cast<long long>(tile.n) * p.k_tiles * G::kBBytes;
  };
  int early = p.k_tiles < p.stages ? p.k_tiles : p.stages;
  for (int i = 0; i < early; ++i) load_filter<G>(p, shared, i, filter() + i * G::kBBytes);
  wait_for_earlier_kernels();
  for (; tile.m < m_tiles; tile.advance(p, p.block_step), early = 0)
    produce_tile<G>(map, p, shared, at, tile.m * G::kM, filter(), early);
}

// Where byte `column` of a row of kSpan bytes lies within it, swizzled over kSpan. The same for all
// rows that are 8 apart.
template <int kSpan>
__device__ __forceinline__ int swizzled_column(int row, int column) {
  constexpr unsigned kChunks = kSpan / 16;
  const unsigned flip = static_cast<unsigned>(row) / (8 / kChunks) % kChunks;
  return column ^ static_cast<int>(flip << 4);
}

// From the sums and the slot's z to the slot's y. `m` and `bias` begin at this tile's channels.
template <typename G, Finish kFinish>
__device__ __forceinline__ void finish_tile(const WgmmaConvParams& p,
                                            int (&acc)[G::kBlocksM][G::kN / 2], std::uint32_t slot,
                                            const float* m, const std::int32_t* bias, int tid) {
  // A thread's channels of a pixel, in vectors that shared memory takes at once.
  constexpr int kVector = G::kRun < 16 ? G::kRun : 16, kWords = kVector / 4;
  const int lane = tid % 32, row = tid / 32 * 16 + lane / 4, quarter = lane % 4;
  // Of the i-th pixel of this thread, counted from the first.
  const auto row_of = [](int i) { return i / 2 * 64 + i % 2 * 8; };
#pragma unroll
  for (int v = 0; v < G::kRun / kVector; ++v) {
    const int column = swizzled_column<G::kN>(row, quarter * G::kRun + v * kVector);
    const std::uint32_t first = slot + row * G::kN + column;
    std::uint32_t bytes[2 * G::kBlocksM][kWords] = {};  // z, then y, of this thread's pixels
    if constexpr (G::kZ != WgmmaZ::none) {
#pragma unroll
      for (int i = 0; i < 2 * G::kBlocksM; ++i)
        load_shared_words(bytes[i], first + row_of(i) * G::kN);
    }
#pragma unroll
    for (int word = 0; word < kWords; ++word) {
      // The constants of the four quarters lie next to each other.
      float scale[4];
      int offset[4];
      const int at = (v * 4 + word) * 16 + quarter * 4;
      *reinterpret_cast<float4*>(scale) = *reinterpret_cast<const float4*>(m + at);
      *reinterpret_cast<int4*>(offset) = *reinterpret_cast<const int4*>(bias + at);
#pragma unroll
      for (int i = 0; i < 2 * G::kBlocksM; ++i) {
        int sums[4];
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const int held = v * 16 + word * 4 + e;
          sums[e] = acc[i / 2][held / 2 * 4 + i % 2 * 2 + held % 2];
        }
        bytes[i][word] = finish4<G, kFinish>(p, sums, scale, offset, bytes[i][word]);
      }
    }
#pragma unroll
    for (int i = 0; i < 2 * G::kBlocksM; ++i)
      store_shared_words(first + row_of(i) * G::kN, bytes[i]);
  }
}

template <typename G>
__device__ __forceinline__ void multiply_tile(const WgmmaConvParams& p,
                                              const BlockShared<G>& shared,
                                              int (&acc)[G::kBlocksM][G::kN / 2], RingPosition& at,
                                              int team, int part, std::uint32_t filter, int lane,
                                              int k_tiles) {
  int last = 0;
  Turns<G>::take(team);
  for (int kt = 0; kt < k_tiles; ++kt) {
    barrier_wait(shared.full + at.stage, at.parity);
    const std::uint32_t stage = shared.ring + at.stage * shared.stage_bytes;
    const std::uint64_t a = matrix_descriptor<G::kK>(stage + part * G::kRows * G::kK);
    const std::uint64_t b =
        matrix_descriptor<G::kK>(p.resident ? filter + kt * G::kBBytes : stage + G::kABytes);
    wgmma_fence();
#pragma unroll
    for (int step = 0; step < G::kK / 32; ++step)
#pragma unroll
      for (int block = 0; block < G::kBlocksM; ++block)
        Wgmma<G::kN, G::kUnsigned>::run(acc[block],
                                        descriptor_after(a, block * 64 * G::kK + step * 32),
                                        descriptor_after(b, step * 32), kt > 0 || step > 0);
    wgmma_commit();
    wgmma_wait<1>();
    // The stage before this one has been read by this warp's quarter of the warpgroup.
    if (kt > 0 && lane == 0) barrier_arrive(shared.empty + last);
    last = at.stage;
    at.advance(p.stages);
  }
  Turns<G>::hand_over(team);  // while the last products run
  wgmma_wait<0>();
  if (lane == 0) barrier_arrive(shared.empty + last);
}

template <typename G>
__device__ __forceinline__ void consume(const WgmmaConvMaps& maps, const WgmmaConvParams& p,
                                        const BlockShared<G>& shared, int group, int m_tiles) {
  const int tid = static_cast<int>(threadIdx.x) % 128;
  const int team = group / G::kGroups, part = group % G::kGroups;
  using Sums = int[G::kBlocksM][G::kN / 2];
  consume_tiles<G>(
      p, shared, group, m_tiles,
      [&](Sums& acc, const TileWalk& tile, RingPosition& at) {
        multiply_tile<G>(p, shared, acc, at, team, part,
                         shared.filter + tile.n * p.k_tiles * G::kBBytes, tid % 32, p.k_tiles);
      },
      [&]<Finish kFinish>(Sums& acc, std::uint32_t slot, const float* m, const std::int32_t* bias) {
        finish_tile<G, kFinish>(p, acc, slot, m, bias, tid);
      },
      [&](std::uint32_t slot, const TileWalk& tile) {
        store_box(&maps.y, slot, tile.n * G::kN, tile.m * G::kM + part * G::kRows);
      });
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             1) void gemm_conv(const __grid_constant__ WgmmaConvMaps maps,
                                               const __grid_constant__ WgmmaConvParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const BlockShared<G> shared = gemm_shared<G>(raw, p);
  if (tid == 0) {
    prefetch_map(&maps.x);
    prefetch_map(&maps.y);
    if (G::kZ != WgmmaZ::none) prefetch_map(&maps.z);
  }
  prepare_block(shared, p, p.n_tiles * p.k_tiles, G::kBBytes);

  const int m_tiles = (p.pixels + G::kM - 1) / G::kM;
  if (group == G::kConsumers) {
    release_registers<G::kProducerRegisters>();
    const int warp = warp_of_block() - 4 * G::kConsumers;
    if (warp > 1 || !elected()) return;
    if (warp == 0) produce<G>(maps.x, p, shared, m_tiles);
    else if constexpr (G::kZ != WgmmaZ::none)
      produce_z(p, shared, m_tiles,
                [&](std::uint32_t to, const TileWalk& tile, int part, std::uint64_t* full) {
                  copy_box(to, &maps.z, tile.n * G::kN, tile.m * G::kM + part * G::kRows, full);
                });
  } else {
    take_registers<G::kRegisters>();
    consume<G>(maps, p, shared, group, m_tiles);
  }
#endif
}

template <typename G>
void launch_gemm_conv(const WgmmaConvMaps& maps, const WgmmaConvParams& params, int multiprocessors,
                      cudaStream_t stream) {
  WgmmaConvParams of_launch = params;
  const unsigned blocks =
      persistent_blocks(of_launch, (params.pixels + G::kM - 1) / G::kM, G::kTeams, multiprocessors);
  launch_pipeline(gemm_conv<G>,
                  {blocks, G::kThreads, static_cast<std::size_t>(params.shared_bytes)}, stream,
                  maps, of_launch);
}

}  // namespace octet::cuda
