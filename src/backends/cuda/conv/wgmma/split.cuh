// The convolution of gemm.cuh for few pixels: a cluster of kSplit blocks shares one tile of 64
// pixels x kN channels, each sums its part of K, and the parts meet through distributed shared
// memory.
//
//   block 0      block 1      ...            each block: one producer thread, one warpgroup
//   K part 0     K part 1                    ring | sums [word][thread], 16 bytes each | m, bias
//     sums  <----> sums  <---->              block i adds up, finishes and writes every kSplit-th
//                                            word of four channels
//
// The filter does not depend on earlier kernels: its first stages are fetched before waiting for
// them. Bound by latency: of launches, of the first loads and of two cluster barriers.
#pragma once

#include "backends/cuda/conv/wgmma/gemm.cuh"

namespace octet::cuda {

// `G` describes one team of one warpgroup with one block of 64 pixels.
template <typename G, int kSplit>
struct SplitConv {
  static constexpr int kStageBytes = G::kABytes + G::kBBytes;
  static constexpr int kWords = G::kN / 8;  // of four channels that a thread holds
  static constexpr int kSumBytes = kWords * 128 * 16;
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

template <typename G, int kSplit>
__global__ __launch_bounds__(256, 1) void split_conv(const __grid_constant__ WgmmaConvMaps maps,
                                                     const __grid_constant__ WgmmaConvParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  using S = SplitConv<G, kSplit>;
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = __shfl_sync(~0u, tid / 128, 0);
  const int rank = cluster_rank(), tile = static_cast<int>(blockIdx.x) / kSplit;
  const int n = tile % p.n_tiles, m_tile = tile / p.n_tiles;
  const int first_k = rank * p.k_tiles / kSplit, last_k = (rank + 1) * p.k_tiles / kSplit;

  BlockShared<G> shared =
      gemm_shared<G>(raw, p);  // without slots and with the constants of one tile
  const std::uint32_t sums = shared.slots;
  std::uint8_t* const after = raw + (sums + S::kSumBytes - smem_address(raw));
  shared.m = reinterpret_cast<float*>(after);
  shared.bias = reinterpret_cast<std::int32_t*>(shared.m + G::kN);
  shared.full = reinterpret_cast<std::uint64_t*>(shared.bias + G::kN);
  shared.empty = shared.full + p.stages;

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
    if (tid == 128) produce_part<G>(maps.x, p, shared, n, m_tile, first_k, last_k);
    __syncwarp();
    cluster_sync();  // the sums are there
    cluster_sync();  // the sums have been read
    return;
  }
  int acc[1][G::kN / 2];
  RingPosition at{0, 0};
  multiply_tile<G>(p, shared, acc, at, 0, 0, 0, tid % 32, last_k - first_k);
#pragma unroll
  for (int word = 0; word < S::kWords; ++word) {
    std::uint32_t part[4];
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int half = word % 2, held = word / 2 * 4 + e;
      part[e] = static_cast<std::uint32_t>(acc[0][held / 2 * 4 + half * 2 + held % 2]);
    }
    store_shared_words(sums + (word * 128 + tid) * 16, part);
  }
  wait_for_earlier_kernels();  // before z is read and y written
  cluster_sync();
  const int lane = tid % 32, quarter = lane % 4;
#pragma unroll
  for (int i = 0; i < S::kWords / kSplit; ++i) {
    const int word = i * kSplit + rank, four = word / 2;
    const int pixel = m_tile * 64 + tid / 32 * 16 + lane / 4 + word % 2 * 8;
    const int channel = n * G::kN + quarter * (G::kN / 4) + four * 4;
    const bool inside = pixel < p.pixels && channel < p.oc;
    const long long offset = static_cast<long long>(pixel) * p.oc + channel;
    std::uint32_t z = 0;
    if (G::kZ != WgmmaZ::none && inside)
      z = *reinterpret_cast<const std::uint32_t*>(maps.z_bytes + offset);
    int total[4] = {0, 0, 0, 0};
#pragma unroll
    for (int from = 0; from < kSplit; ++from) {
      std::uint32_t part[4];
      load_cluster_16(part, sums + (word * 128 + tid) * 16, from);
#pragma unroll
      for (int e = 0; e < 4; ++e) total[e] += static_cast<int>(part[e]);
    }
    const int constants = four * 16 + quarter * 4;
    const std::uint32_t y =
        finish_word<G>(p, total, shared.m + constants, shared.bias + constants, z);
    if (inside) *reinterpret_cast<std::uint32_t*>(maps.y_bytes + offset) = y;
  }
  cluster_sync();
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
