// Convolution as a matrix product on Hopper: pixels are M, output channels N.
//
//   two producer warpgroups                       two consumer warpgroups, a tile each, in turns
//   +-----------------------------------+         +--------------------------------------------+
//   | for each tile, each 128 bytes of K:|  ring  | wgmma 64 x N x 32 on the stage, sums in     |
//   |  A: 16 KB of x by asynchronous     | =====> | registers; then the epilogue, while the     |
//   |     copies of 16 or 4 bytes        | kStages| other warpgroup has the Tensor Cores;       |
//   |                                    |        | vectors of channels straight to y           |
//   |  B: bulk copy of the packed filter |        |                                             |
//   +-----------------------------------+         +--------------------------------------------+
//   shared memory: kStages x (A 128 rows x 128 bytes | B kN rows x 128 bytes), swizzled; barriers
//
// wgmma wants the channels of a pixel side by side in a row. Where x has 16 of them so (NCHW32,
// NHWC), a copy brings 16 bytes (chunk form). In NCHW4 and CHWN4 it brings a word of four channels
// to its place in the row, and neighbouring threads, which are neighbouring pixels or images, read
// neighbouring words (word form).
//
// K runs over blocks of 128 channels, filter taps, channels: neighbouring taps read words that the
// first one brought to L1. Bound by shared memory, which serves wgmma and the copies: words of 32
// rows fall on 8 banks, so they take four passes.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/gather/gather.hpp"
#include "backends/cuda/conv/mma/store.cuh"

namespace octet::cuda {

template <int N, Loader L>
struct GatherConv {
  static constexpr int kN = N;
  static constexpr Loader kLoader = L;
  static constexpr int kBlocksM = kGatherM / 64;
  static constexpr int kGroups = N / 64;  // runs of 16 channels that a thread holds per pixel
  static constexpr int kConsumers = 2, kProducers = 2;  // warpgroups
  static constexpr int kThreads = 128 * (kConsumers + kProducers);
  static constexpr int kABytes = kGatherM * kGatherK, kBBytes = N * kGatherK;
  static constexpr int kStageBytes = kABytes + kBBytes;
  static constexpr int kStages = N == 128 ? 5 : 6;  // the rest is left to L1
  static constexpr int kSharedBytes = 1024 + kStages * kStageBytes + 2 * kStages * 8;
  static constexpr int kPieces = 8 / kProducers;  // of 16 bytes, that a thread brings a stage
  static_assert(L == Loader::chunk || L == Loader::word, "what is brought at once");
  static_assert(N == 64 || N == 128, "whole runs of 16 channels in each quarter");
};

// Tiles that a block works on, one after the other.
struct Tiles {
  int count, n_tiles, step;
};

template <typename G>
struct Producer {
  PixelSource pixels[G::kLoader == Loader::chunk ? G::kPieces : 1];

  // Chunk form: rows tid / 8 + i * 16 * kProducers, chunk tid % 8. Word form: row tid % 128, chunks
  // tid / 128 * kPieces + i.
  __device__ __forceinline__ void start_tile(const ImplicitGemmParams& p, int row0, int tid) {
    if constexpr (G::kLoader == Loader::chunk) {
#pragma unroll
      for (int i = 0; i < G::kPieces; ++i)
        pixels[i] = source_of(p, row0 + tid / 8 + i * 16 * G::kProducers);
    } else {
      pixels[0] = source_of(p, row0 + tid % 128);
    }
  }

  // Sets this thread's copies of stage `kt` on their way.
  __device__ __forceinline__ void load(const ImplicitGemmParams& p, const std::int8_t* x, int kt,
                                       std::uint32_t stage, int tid) const {
    if constexpr (G::kLoader == Loader::chunk) {
      const KEntry entry = p.table[kt * 8 + tid % 8];
      // The chunk's place in its row is the same in rows that are 16 apart.
      const std::uint32_t to = stage + tid / 8 * kGatherK + ((tid % 8 ^ (tid / 8 & 7)) << 4);
#pragma unroll
      for (int i = 0; i < G::kPieces; ++i)
        copy_or_zero<16>(to + i * 16 * G::kProducers * kGatherK, x + pixels[i].base + entry.offset,
                         is_inside(p, pixels[i], entry));
    } else {
      const int first = tid / 128 * G::kPieces, row = tid % 128;
      const std::uint32_t to = stage + row * kGatherK;
      const KEntry* table = p.table + kt * 32 + first * 4;
      if (p.word_step != 0) return load_chunks(p, x, table, to, first, row);
#pragma unroll
      for (int i = 0; i < 4 * G::kPieces; ++i) {
        const KEntry entry = table[i];
        copy_or_zero<4>(to + (((first + i / 4) ^ (row & 7)) << 4) + i % 4 * 4,
                        x + pixels[0].base + entry.offset, is_inside(p, pixels[0], entry));
      }
    }
  }

  // Word form where four words are 16 channels of one tap, word_step apart: one entry of the table
  // and one look at the image's border serve all four.
  __device__ __forceinline__ void load_chunks(const ImplicitGemmParams& p, const std::int8_t* x,
                                              const KEntry* table, std::uint32_t to, int first,
                                              int row) const {
    KEntry entries[G::kPieces];
#pragma unroll
    for (int c = 0; c < G::kPieces; ++c) entries[c] = table[c * 4];
#pragma unroll
    for (int c = 0; c < G::kPieces; ++c) {
      const bool inside = is_inside(p, pixels[0], entries[c]);
      const std::int8_t* from = x + pixels[0].base + entries[c].offset;
#pragma unroll
      for (int w = 0; w < 4; ++w, from += p.word_step)
        copy_or_zero<4>(to + (((first + c) ^ (row & 7)) << 4) + w * 4, from, inside);
    }
  }
};

struct GatherRing {
  std::uint64_t *full, *empty;
};

// The ring is how far the copies run ahead: a stage is full when the copies of every thread of the
// producer have arrived, which they say themselves.
template <typename G>
__device__ __forceinline__ void produce(const ImplicitGemmParams& p, const std::int8_t* x,
                                        const std::int8_t* w, std::uint32_t stages,
                                        const GatherRing& ring, const Tiles& tiles) {
  Producer<G> producer;
  const int tid = static_cast<int>(threadIdx.x) % (128 * G::kProducers);
  int stage = 0, parity = 1;
  for (int tile = static_cast<int>(blockIdx.x); tile < tiles.count; tile += tiles.step) {
    producer.start_tile(p, tile / tiles.n_tiles * kGatherM, tid);
    const std::int8_t* filter =
        w + static_cast<long long>(tile % tiles.n_tiles) * p.k_tiles * G::kBBytes;
    for (int kt = 0; kt < p.k_tiles; ++kt, filter += G::kBBytes) {
      const std::uint32_t to = stages + stage * G::kStageBytes;
      barrier_wait(ring.empty + stage, parity);
      if (tid == 0) {
        barrier_expect(ring.full + stage, G::kBBytes);
        copy_bulk(to + G::kABytes, filter, G::kBBytes, ring.full + stage);
      }
      producer.load(p, x, kt, to, tid);
      barrier_arrive_after_copies(ring.full + stage);
      if (++stage == G::kStages) {
        stage = 0;
        parity ^= 1;
      }
    }
  }
}

// A consumer's sums: row 64 * b + 8 * half of its rows, channel `c` of its run `v`.
template <typename G>
using GatherSums = int[G::kBlocksM][G::kN / 2];

// The z bytes of a run of 16 channels of each of this thread's pixels.
template <typename G>
__device__ __forceinline__ void load_z(const ImplicitGemmParams& p, const std::int8_t* z,
                                       const int (&offsets)[2 * G::kBlocksM], int k,
                                       std::uint32_t (&words)[2 * G::kBlocksM][4]) {
#pragma unroll
  for (int r = 0; r < 2 * G::kBlocksM; ++r) {
#pragma unroll
    for (int g = 0; g < 4; ++g) words[r][g] = 0;
    if (offsets[r] < 0 || k >= p.oc_memory) continue;
    if (p.y_granule >= 16) {
      *reinterpret_cast<uint4*>(words[r]) =
          __ldg(reinterpret_cast<const uint4*>(z + offsets[r] + y_channel(p, k)));
    } else {
#pragma unroll
      for (int g = 0; g < 4; ++g) words[r][g] = load_word(p, z, offsets[r], k + g * 4);
    }
  }
}

template <typename G, int kZMode>
__device__ __forceinline__ void store_gathered(const ImplicitGemmParams& p,
                                               const GatherSums<G>& acc,
                                               const int (&offsets)[2 * G::kBlocksM],
                                               std::uint32_t (&words)[2 * G::kBlocksM][4],
                                               const std::int8_t* z, std::int8_t* y, int k0) {
#pragma unroll
  for (int v = 0; v < G::kGroups; ++v) {
    const int k = k0 + v * 64;
    if (kZMode != EpilogueParams::kNone && v > 0) load_z<G>(p, z, offsets, k, words);
#pragma unroll
    for (int g = 0; g < 4; ++g) {
      float m[4], fbias[4];
      int ibias[4];
      load_channels(m, p.epilogue.m, k + g * 4);
      load_channels(fbias, p.epilogue.fbias, k + g * 4);
      load_channels(ibias, p.epilogue.ibias, k + g * 4);
#pragma unroll
      for (int r = 0; r < 2 * G::kBlocksM; ++r) {
        int sums[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int held = v * 16 + g * 4 + i;
          sums[i] = acc[r / 2][held / 2 * 4 + r % 2 * 2 + held % 2] + ibias[i];
        }
        words[r][g] = finish4_plain<kZMode>(p.epilogue, sums, m, fbias, words[r][g]);
      }
    }
#pragma unroll
    for (int r = 0; r < 2 * G::kBlocksM; ++r) {
      if (offsets[r] < 0) continue;
      if (p.y_granule >= 16) {
        if (k < p.oc_memory)
          *reinterpret_cast<uint4*>(y + offsets[r] + y_channel(p, k)) =
              make_uint4(words[r][0], words[r][1], words[r][2], words[r][3]);
      } else {
#pragma unroll
        for (int g = 0; g < 4; ++g) store_word(p, y, offsets[r], k + g * 4, words[r][g]);
      }
    }
  }
}

template <typename G>
__device__ __forceinline__ void consume(const ImplicitGemmParams& p, const std::int8_t* z,
                                        std::int8_t* y, std::uint32_t stages,
                                        const GatherRing& ring, int group, const Tiles& tiles) {
  const int tid = static_cast<int>(threadIdx.x) % 128, lane = tid % 32;
  const int row = tid / 32 * 16 + lane / 4;  // of the first sum of this thread in a block of 64
  int local = group;                         // tiles of this block, counted over both warpgroups
  // Barrier 1 + g: warpgroup g may use the Tensor Cores.
  if (group == 1) named_barrier_arrive(1, 256);
  for (int tile = static_cast<int>(blockIdx.x) + group * tiles.step; tile < tiles.count;
       tile += G::kConsumers * tiles.step, local += G::kConsumers) {
    const int k0 = tile % tiles.n_tiles * G::kN + lane % 4 * 16;
    int offsets[2 * G::kBlocksM];  // of this thread's pixels in y; negative: there is none
#pragma unroll
    for (int r = 0; r < 2 * G::kBlocksM; ++r) {
      const int pixel = tile / tiles.n_tiles * kGatherM + row + r / 2 * 64 + r % 2 * 8;
      int n = 0, oh = 0, ow = 0;
      split_pixel(p, pixel, &n, &oh, &ow);
      offsets[r] = pixel < p.m ? static_cast<int>(n * p.y.n + oh * p.y.h + ow * p.y.w) : -1;
    }

    // The first run's are fetched before the products, so that they arrive under them; there are
    // not registers for more.
    std::uint32_t words[2 * G::kBlocksM][4];
    if (p.epilogue.z_mode != EpilogueParams::kNone) load_z<G>(p, z, offsets, k0, words);

    GatherSums<G> acc;
    unsigned position = static_cast<unsigned>(local * p.k_tiles);
    named_barrier_sync(1 + group, 256);
    for (int kt = 0; kt < p.k_tiles; ++kt, ++position) {
      const int stage = static_cast<int>(position % G::kStages);
      barrier_wait(ring.full + stage, static_cast<int>(position / G::kStages & 1));
      const std::uint64_t a = matrix_descriptor<kGatherK>(stages + stage * G::kStageBytes);
      const std::uint64_t b = descriptor_after(a, G::kABytes);
      fence_async_proxy();  // the copies were ordinary writes
      wgmma_fence();
#pragma unroll
      for (int step = 0; step < kGatherK / 32; ++step)
#pragma unroll
        for (int block = 0; block < G::kBlocksM; ++block)
          Wgmma<G::kN, false>::run(acc[block],
                                   descriptor_after(a, block * 64 * kGatherK + step * 32),
                                   descriptor_after(b, step * 32), kt > 0 || step > 0);
      wgmma_commit();
      wgmma_wait<1>();
      // The stage before this one has been read by this warp's quarter of the warpgroup.
      if (kt > 0 && lane == 0)
        barrier_arrive(ring.empty + static_cast<int>((position - 1) % G::kStages));
    }
    // Hand the Tensor Cores over while the last products run.
    named_barrier_arrive(2 - group, 256);
    wgmma_wait<0>();
    if (lane == 0) barrier_arrive(ring.empty + static_cast<int>((position - 1) % G::kStages));
    if (p.epilogue.z_mode == EpilogueParams::kNone)
      store_gathered<G, EpilogueParams::kNone>(p, acc, offsets, words, z, y, k0);
    else if (p.epilogue.z_mode == EpilogueParams::kOnce)
      store_gathered<G, EpilogueParams::kOnce>(p, acc, offsets, words, z, y, k0);
    else store_gathered<G, EpilogueParams::kTwice>(p, acc, offsets, words, z, y, k0);
  }
  // One turn was offered that nobody took; take it, so that no barrier is left half full.
  const int tiles_here = (tiles.count - static_cast<int>(blockIdx.x) + tiles.step - 1) / tiles.step;
  if (tiles_here % G::kConsumers == group) named_barrier_sync(1 + group, 256);
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, 1) void gather_conv_kernel(
    const __grid_constant__ ImplicitGemmParams p, const std::int8_t* x, const std::int8_t* w,
    const std::int8_t* z, std::int8_t* y) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  begin_in_chain();
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup();
  const std::uint32_t stages = (smem_address(raw) + 1023) & ~1023u;
  auto* full = reinterpret_cast<std::uint64_t*>(raw + (stages - smem_address(raw)) +
                                                G::kStages * G::kStageBytes);
  const GatherRing ring{full, full + G::kStages};
  if (tid == 0)
    for (int i = 0; i < G::kStages; ++i) {
      // Every thread of the producer, and the one that expects the bulk copy's bytes.
      barrier_init(ring.full + i, 128 * G::kProducers + 1);
      barrier_init(ring.empty + i, 4);  // one arrival per warp of the warpgroup that read it
    }
  fence_async_proxy();
  __syncthreads();

  const int n_tiles = (p.oc_memory + G::kN - 1) / G::kN;
  const Tiles tiles{(p.m + kGatherM - 1) / kGatherM * n_tiles, n_tiles,
                    static_cast<int>(gridDim.x)};
  if (group >= G::kConsumers) {
    release_registers<56>();
    produce<G>(p, x, w, stages, ring, tiles);
  } else {
    take_registers<200>();
    consume<G>(p, z, y, stages, ring, group, tiles);
  }
#endif
}

template <typename G>
void launch_gather_conv(const ImplicitGemmParams& params, const void* x, const void* w,
                        const void* z, void* y, int multiprocessors, cudaStream_t stream) {
  const auto kernel = gather_conv_kernel<G>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, G::kSharedBytes);
  const int tiles = (params.m + kGatherM - 1) / kGatherM * ((params.oc_memory + G::kN - 1) / G::kN);
  const int blocks = tiles < multiprocessors ? tiles : multiprocessors;
  launch_chained(kernel, {static_cast<unsigned>(blocks), G::kThreads, G::kSharedBytes}, stream,
                 params, static_cast<const std::int8_t*>(x), static_cast<const std::int8_t*>(w),
                 static_cast<const std::int8_t*>(z), static_cast<std::int8_t*>(y));
}

}  // namespace octet::cuda
