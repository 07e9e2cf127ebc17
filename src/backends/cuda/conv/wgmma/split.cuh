// The convolution of gemm.cuh for few pixels: a cluster of kSplit blocks has one tile of 64 pixels
// x kN channels, each sums its part of K, and the parts meet through distributed shared memory.
//
//   block 0      block 1      ...            each block: one producer thread, one warpgroup
//   K part 0     K part 1                    ring | sums [word][thread], 16 bytes each | m, bias
//     sums  <----> sums  <---->              block i adds up, finishes and writes every kSplit-th
//                                            word of four channels
//
// A block that has its tile alone (kSplit 1) finishes its sums where they are, in registers.
// The filter does not depend on earlier kernels: its first stages are fetched before waiting for
// them, and blocks are so small that those of two kernels share a multiprocessor. Bound by latency:
// of launches, of the first loads and of two cluster barriers.
#pragma once

#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/wgmma/gemm.cuh"

namespace octet::cuda {

// `G` describes one team of one warpgroup with one block of 64 pixels.
template <typename G, int kSplit>
struct SplitConv {
  static constexpr int kStageBytes = G::kABytes + G::kBBytes;
  static constexpr int kWords = G::kN / 8;  // of four channels that a thread holds
  static constexpr int kSumBytes = kSplit == 1 ? 0 : kWords * 128 * 16;
  static_assert(G::kM == 64 && G::kConsumers == 1 && kWords % kSplit == 0);
};

template <typename G>
__device__ __forceinline__ std::uint32_t finish_word(const WgmmaConvParams& p, const int (&sums)[4],
                                                     const float* m, const std::int32_t* bias,
                                                     std::uint32_t z) {
  std::uint32_t word = 0;
  finish_by_form<G>(p, [&]<Finish kFinish>() { word = finish4<G, kFinish>(p, sums, m, bias, z); });
  return word;
}

// This block's part of K, tile `n` of channels and `m` of pixels.
template <typename G>
__device__ __forceinline__ void produce_part(const CUtensorMap& map, const WgmmaConvParams& p,
                                             const BlockShared<G>& shared, int n, int m,
                                             int first_k, int last_k) {
  const std::int8_t* const filter =
      p.filter + static_cast<long long>(n * p.k_tiles + first_k) * G::kBBytes;
  const int count = last_k - first_k;
  const auto load_filter_stage = [&](int i, int stage) {
    barrier_expect(shared.full + stage, shared.stage_bytes);
    copy_bulk(shared.ring + stage * shared.stage_bytes + G::kABytes, filter + i * G::kBBytes,
              G::kBBytes, shared.full + stage);
  };
  const int early = count < p.stages ? count : p.stages;
  for (int i = 0; i < early; ++i) load_filter_stage(i, i);
  wait_for_earlier_kernels();

  const int first = m * G::kM, line = first / p.ow, image = line / p.oh;
  const int iw = (first - line * p.ow) * p.stride_w - p.pad_left;
  const int ih = (line - image * p.oh) * p.stride_h - p.pad_top;
  RingPosition at{0, 1};
  int block = first_k % p.c_blocks, s = first_k / p.c_blocks % p.s;
  int r = first_k / p.c_blocks / p.s;
  for (int i = 0; i < count; ++i) {
    if (i >= early) {
      barrier_wait(shared.empty + at.stage, at.parity);
      load_filter_stage(i, at.stage);
    }
    const std::uint32_t to = shared.ring + at.stage * shared.stage_bytes;
    if (p.matrix) copy_box(to, &map, block * G::kK, first, shared.full + at.stage);
    else
      copy_im2col(to, &map, block * G::kK, iw, ih, image, s * p.dilation_w, r * p.dilation_h,
                  shared.full + at.stage);
    at.advance(p.stages);
    if (++block < p.c_blocks) continue;
    block = 0;
    if (++s < p.s) continue;
    s = 0;
    ++r;
  }
}

// The four sums of a word: two of each of two neighbouring fragments of a row.
template <typename G>
__device__ __forceinline__ int held_sum(const int (&acc)[1][G::kN / 2], int word, int e) {
  const int half = word % 2, held = word / 2 * 4 + e;
  return acc[0][held / 2 * 4 + half * 2 + held % 2];
}

// A word of four channels of one pixel that a thread holds.
template <typename G>
struct WordPlace {
  int constants;  // among those of the tile
  bool inside;
  long long offset;  // in y and z

  __device__ __forceinline__ WordPlace(const WgmmaConvParams& p, int n, int m_tile, int tid,
                                       int word) {
    const int lane = tid % 32, quarter = lane % 4, four = word / 2;
    const int pixel = m_tile * 64 + tid / 32 * 16 + lane / 4 + word % 2 * 8;
    const int channel = n * G::kN + quarter * (G::kN / 4) + four * 4;
    constants = four * 16 + quarter * 4;
    inside = pixel < p.pixels && channel < p.oc;
    offset = static_cast<long long>(pixel) * p.oc + channel;
  }
};

// Sums of this block alone, in registers; z is on its way while they are made.
template <typename G, typename Multiply>
__device__ __forceinline__ void finish_alone(const WgmmaConvMaps& maps, const WgmmaConvParams& p,
                                             const BlockShared<G>& shared, int n, int m_tile,
                                             int tid, Multiply multiply) {
  constexpr int kWords = G::kN / 8;
  wait_for_earlier_kernels();  // before z is read and y written
  std::uint32_t z[kWords] = {};
  if constexpr (G::kZ != WgmmaZ::none)
#pragma unroll
    for (int word = 0; word < kWords; ++word) {
      const WordPlace<G> at(p, n, m_tile, tid, word);
      if (at.inside) z[word] = *reinterpret_cast<const std::uint32_t*>(maps.z_bytes + at.offset);
    }
  int acc[1][G::kN / 2];
  multiply(acc);
#pragma unroll
  for (int word = 0; word < kWords; ++word) {
    const WordPlace<G> at(p, n, m_tile, tid, word);
    int sums[4];
#pragma unroll
    for (int e = 0; e < 4; ++e) sums[e] = held_sum<G>(acc, word, e);
    const std::uint32_t y =
        finish_word<G>(p, sums, shared.m + at.constants, shared.bias + at.constants, z[word]);
    if (at.inside) *reinterpret_cast<std::uint32_t*>(maps.y_bytes + at.offset) = y;
  }
}

// Sums of the whole cluster, each block those of every kSplit-th word.
template <typename G, int kSplit, typename Multiply>
__device__ __forceinline__ void finish_together(const WgmmaConvMaps& maps, const WgmmaConvParams& p,
                                                const BlockShared<G>& shared, int n, int m_tile,
                                                int tid, Multiply multiply) {
  constexpr int kWords = G::kN / 8;
  const std::uint32_t sums = shared.slots;
  int acc[1][G::kN / 2];
  multiply(acc);
#pragma unroll
  for (int word = 0; word < kWords; ++word) {
    std::uint32_t part[4];
#pragma unroll
    for (int e = 0; e < 4; ++e) part[e] = static_cast<std::uint32_t>(held_sum<G>(acc, word, e));
    store_shared_words(sums + (word * 128 + tid) * 16, part);
  }
  wait_for_earlier_kernels();  // before z is read and y written
  cluster_sync();
#pragma unroll
  for (int i = 0; i < kWords / kSplit; ++i) {
    const int word = i * kSplit + cluster_rank();
    const WordPlace<G> at(p, n, m_tile, tid, word);
    std::uint32_t z = 0;
    if (G::kZ != WgmmaZ::none && at.inside)
      z = *reinterpret_cast<const std::uint32_t*>(maps.z_bytes + at.offset);
    int total[4] = {0, 0, 0, 0};
#pragma unroll
    for (int from = 0; from < kSplit; ++from) {
      std::uint32_t part[4];
      load_cluster_16(part, sums + (word * 128 + tid) * 16, from);
#pragma unroll
      for (int e = 0; e < 4; ++e) total[e] += static_cast<int>(part[e]);
    }
    const std::uint32_t y =
        finish_word<G>(p, total, shared.m + at.constants, shared.bias + at.constants, z);
    if (at.inside) *reinterpret_cast<std::uint32_t*>(maps.y_bytes + at.offset) = y;
  }
  cluster_sync();
}

// A block of such a kernel: no slots, the sums that others read, the constants of one tile.
template <typename G, int kSplit>
__device__ __forceinline__ BlockShared<G> split_shared(std::uint8_t* raw,
                                                       const WgmmaConvParams& p) {
  BlockShared<G> shared = gemm_shared<G>(raw, p);
  std::uint8_t* const after =
      raw + (shared.slots + SplitConv<G, kSplit>::kSumBytes - smem_address(raw));
  shared.m = reinterpret_cast<float*>(after);
  shared.bias = reinterpret_cast<std::int32_t*>(shared.m + G::kN);
  shared.full = reinterpret_cast<std::uint64_t*>(shared.bias + G::kN);
  shared.empty = shared.full + p.stages;
  return shared;
}

// The work of one block: its part of tile number `tile`.
template <typename G, int kSplit>
__device__ __forceinline__ void split_tile(const WgmmaConvMaps& maps, const WgmmaConvParams& p,
                                           int tile) {
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const int rank = kSplit == 1 ? 0 : cluster_rank();
  const int n = tile % p.n_tiles, m_tile = tile / p.n_tiles;
  const int first_k = rank * p.k_tiles / kSplit, last_k = (rank + 1) * p.k_tiles / kSplit;
  const BlockShared<G> shared = split_shared<G, kSplit>(raw, p);

  if (tid == 0) {
    prefetch_map(&maps.x);
    for (int i = 0; i < p.stages; ++i) {
      barrier_init(shared.full + i, 1);
      barrier_init(shared.empty + i, 4);
    }
    fence_async_proxy();
  }
  if (tid < G::kN) {
    shared.m[tid] = p.m[n * G::kN + tid];
    shared.bias[tid] = p.bias[n * G::kN + tid];
  }
  __syncthreads();
  allow_next_kernel();

  if (group == 1) {
    if (warp_of_block() == 4 && elected())
      produce_part<G>(maps.x, p, shared, n, m_tile, first_k, last_k);
    if constexpr (kSplit > 1) {
      __syncwarp();
      cluster_sync();  // the sums are there
      cluster_sync();  // the sums have been read
    }
    return;
  }
  const auto multiply = [&](int(&acc)[1][G::kN / 2]) {
    RingPosition at{0, 0};
    multiply_tile<G>(p, shared, acc, at, 0, 0, 0, tid % 32, last_k - first_k);
  };
  if constexpr (kSplit == 1) finish_alone<G>(maps, p, shared, n, m_tile, tid, multiply);
  else finish_together<G, kSplit>(maps, p, shared, n, m_tile, tid, multiply);
}

template <typename G, int kSplit>
__global__ __launch_bounds__(256, 2) void split_conv(const __grid_constant__ WgmmaConvMaps maps,
                                                     const __grid_constant__ WgmmaConvParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  split_tile<G, kSplit>(maps, p, static_cast<int>(blockIdx.x) / kSplit);
#endif
}

template <typename G, int kSplit>
void launch_split_conv(const WgmmaConvMaps& maps, const WgmmaConvParams& params, int,
                       cudaStream_t stream) {
  const int tiles = (params.pixels + G::kM - 1) / G::kM * params.n_tiles;
  launch_pipeline(split_conv<G, kSplit>,
                  {dim3(static_cast<unsigned>(tiles * kSplit)), dim3(256),
                   static_cast<std::size_t>(params.shared_bytes), kSplit},
                  stream, maps, params);
}

}  // namespace octet::cuda
