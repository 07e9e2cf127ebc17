// The kernel. A block computes kM output pixels x kN output channels; K = filter taps x channels.
//
//        K (64 bytes a tile)                 shared memory, per stage
//      +-----------+                         A chunk form : [kM rows][64 bytes], 16-byte chunks
//   kM | A: pixels |                           swizzled by row, read with ldmatrix
//      +-----------+                         A word form  : [16 words][kM + 8 rows] of 4 bytes,
//      read
//      +-----------+   kM x kN sums in         with plain loads that are fragments already
//   kN | B: filter |   registers             B            : [kN rows][64 bytes], swizzled, copied
//   as
//      +-----------+                           the host packed it
//                                            epilogue     : the stages become one tile of kM x kN
//                                              bytes: z comes in, the result goes out, coalesced
//
// A piece of the input outside the image is written as the zero point. On Hopper mma.sync reaches
// 65 % of the peak; layers with few channels are bound by the L2 reads of A (one per filter tap).
#pragma once

#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/conv/mma/implicit_gemm.hpp"

namespace octet::cuda {

template <int M, int N, int WarpsM, int WarpsN, int Stages, Loader L, bool Unsigned>
struct ImplicitGemm {
  static constexpr int kM = M, kN = N, kWarpsM = WarpsM, kWarpsN = WarpsN, kStages = Stages;
  static constexpr Loader kLoader = L;
  static constexpr bool kUnsigned = Unsigned;
  static constexpr int kThreads = WarpsM * WarpsN * 32;
  static constexpr int kWarpM = M / WarpsM, kWarpN = N / WarpsN;
  static constexpr int kFragmentsM = kWarpM / 16, kFragmentsN = kWarpN / 8;
  static constexpr int kWordRows = M + 8;  // the 8 keeps fragment loads free of bank conflicts
  static constexpr int kWords = kGemmK / 4;
  static constexpr int kABytes = L == Loader::chunk ? M * kGemmK : kWords * kWordRows * 4;
  static constexpr int kBBytes = N * kGemmK;
  static constexpr int kStageBytes = kABytes + kBBytes;
  static constexpr int kEpilogueBytes = M * (N + 16);
  static constexpr int kSharedBytes =
      (Stages * kStageBytes > kEpilogueBytes ? Stages * kStageBytes : kEpilogueBytes) + M * 4;

  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0, "a warp computes whole 16 x 16 fragments");
  static_assert(L != Loader::word || kThreads % M == 0, "word form: a thread serves one row");
  static_assert(L != Loader::images || kThreads % (M / 4) == 0, "images form: four rows a thread");
  static_assert(L != Loader::chunk || M % (kThreads / 4) == 0,
                "chunk form: whole passes over rows");
};

// One output pixel, as the loads see it.
struct PixelSource {
  int base;    // offset of its first tap in x; may lie before the image
  int ih, iw;  // row and column of its first tap
};

__device__ __forceinline__ void split_pixel(const ImplicitGemmParams& p, int row, int* n, int* oh,
                                            int* ow) {
  if (p.batch_inner) {
    *n = row % p.n;
    row /= p.n;
    *ow = row % p.ow;
    *oh = row / p.ow;
  } else {
    *ow = row % p.ow;
    row /= p.ow;
    *oh = row % p.oh;
    *n = row / p.oh;
  }
}

__device__ __forceinline__ PixelSource source_of(const ImplicitGemmParams& p, int row) {
  if (row >= p.m) return {0, -kOutside, 0};  // outside the image whatever the tap
  int n, oh, ow;
  split_pixel(p, row, &n, &oh, &ow);
  const int ih = oh * p.stride_h - p.pad_top, iw = ow * p.stride_w - p.pad_left;
  return {static_cast<int>(n * p.x.n + ih * p.x.h + iw * p.x.w), ih, iw};
}

template <int kBytes>
__device__ __forceinline__ void load_piece(const ImplicitGemmParams& p, const std::int8_t* x,
                                           const PixelSource& pixel, const KEntry& entry,
                                           std::uint32_t to) {
  const int ih = pixel.ih + entry.dh, iw = pixel.iw + entry.dw;
  if (static_cast<unsigned>(ih) < static_cast<unsigned>(p.h) &&
      static_cast<unsigned>(iw) < static_cast<unsigned>(p.w))
    copy_async<kBytes>(to, x + pixel.base + entry.offset);
  else store_shared<kBytes>(to, p.pad_word);
}

// Brings tile `kt` of A to shared memory at `to`.
template <typename G, int kPixels>
__device__ __forceinline__ void load_a(const ImplicitGemmParams& p, const std::int8_t* x,
                                       const PixelSource (&pixels)[kPixels], int kt,
                                       std::uint32_t to) {
  const int tid = static_cast<int>(threadIdx.x);
  if constexpr (G::kLoader == Loader::chunk) {
    const int chunk = tid % 4;
    const KEntry entry = p.table[kt * 4 + chunk];
#pragma unroll
    for (int i = 0; i < kPixels; ++i) {
      const int row = tid / 4 + i * (G::kThreads / 4);
      load_piece<16>(p, x, pixels[i], entry, to + row * kGemmK + ((chunk ^ (row >> 1 & 3)) << 4));
    }
  } else {
    constexpr int kRows = G::kLoader == Loader::images ? 4 : 1;  // rows that one copy brings
    constexpr int kSlots = G::kM / kRows, kStep = G::kThreads / kSlots;
    const int row = tid % kSlots * kRows;
#pragma unroll 4
    for (int word = tid / kSlots; word < G::kWords; word += kStep)
      load_piece<4 * kRows>(p, x, pixels[0], p.table[kt * G::kWords + word],
                            to + (word * G::kWordRows + row) * 4);
  }
}

template <typename G>
__device__ __forceinline__ void load_b(const std::int8_t* tile, std::uint32_t to) {
#pragma unroll
  for (int i = static_cast<int>(threadIdx.x) * 16; i < G::kBBytes; i += G::kThreads * 16)
    copy_async<16>(to + i, tile + i);
}

template <typename G>
__device__ __forceinline__ void fragment_a(std::uint32_t (&a)[4], std::uint32_t tile, int row0,
                                           int step) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  if constexpr (G::kLoader == Loader::chunk) {
    const int row = row0 + lane % 16, chunk = step * 2 + lane / 16;
    load_matrix_x4(a, tile + row * kGemmK + ((chunk ^ (row >> 1 & 3)) << 4));
  } else {
    const std::uint32_t at = tile + ((step * 8 + lane % 4) * G::kWordRows + row0 + lane / 4) * 4;
    a[0] = load_shared(at);
    a[1] = load_shared(at + 32);
    a[2] = load_shared(at + 16 * G::kWordRows);
    a[3] = load_shared(at + 16 * G::kWordRows + 32);
  }
}

template <typename G>
__device__ __forceinline__ void multiply_stage(int (&acc)[G::kFragmentsM][G::kFragmentsN][4],
                                               std::uint32_t stage, int row0, int column0) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::uint32_t b_tile = stage + G::kABytes;
#pragma unroll
  for (int step = 0; step < kGemmK / 32; ++step) {
    std::uint32_t a[G::kFragmentsM][4];
#pragma unroll
    for (int i = 0; i < G::kFragmentsM; ++i) fragment_a<G>(a[i], stage, row0 + i * 16, step);
#pragma unroll
    for (int j = 0; j < G::kFragmentsN; j += 2) {
      const int row = column0 + j * 8 + lane % 8 + lane / 16 * 8, chunk = step * 2 + lane / 8 % 2;
      std::uint32_t b[4];
      load_matrix_x4(b, b_tile + row * kGemmK + ((chunk ^ (row >> 1 & 3)) << 4));
#pragma unroll
      for (int i = 0; i < G::kFragmentsM; ++i) {
        mma_16x8x32<G::kUnsigned>(acc[i][j], a[i], b[0], b[1]);
        mma_16x8x32<G::kUnsigned>(acc[i][j + 1], a[i], b[2], b[3]);
      }
    }
  }
}

// Offset of channel k within a pixel.
__device__ __forceinline__ int channel_offset(const Strides& s, int k) {
  return static_cast<int>(k / s.vector * s.c + k % s.vector);
}

// Moves the tile between shared memory (rows of `pitch` bytes) and y or z, `kBytes` channels at
// once, neighbouring threads on neighbouring addresses: channels first for 16 bytes, pixels first
// for less.
template <typename G, typename Piece, bool kToGlobal>
__device__ __forceinline__ void move_tile(const ImplicitGemmParams& p, std::int8_t* global,
                                          std::int8_t* shared, const int* row_offsets, int pitch,
                                          int row0, int channel0) {
  constexpr int kBytes = static_cast<int>(sizeof(Piece));
  constexpr int kColumns = G::kN / kBytes;
  const int limit = kToGlobal ? p.oc_memory : p.oc;
  for (int i = static_cast<int>(threadIdx.x); i < G::kM * kColumns; i += G::kThreads) {
    const int row = kBytes == 16 ? i / kColumns : i % G::kM;
    const int column = (kBytes == 16 ? i % kColumns : i / G::kM) * kBytes;
    if (row0 + row >= p.m || channel0 + column >= limit) continue;
    auto* inside = reinterpret_cast<Piece*>(shared + row * pitch + column);
    auto* outside = reinterpret_cast<Piece*>(global + row_offsets[row] +
                                             channel_offset(p.y, channel0 + column));
    if constexpr (kToGlobal) *outside = *inside;
    else *inside = *outside;
  }
}

template <typename G, bool kToGlobal>
__device__ __forceinline__ void move_tile(const ImplicitGemmParams& p, std::int8_t* global,
                                          std::int8_t* shared, const int* row_offsets, int pitch,
                                          int row0, int channel0) {
  if (p.y_granule == 16)
    move_tile<G, uint4, kToGlobal>(p, global, shared, row_offsets, pitch, row0, channel0);
  else if (p.y_granule == 4)
    move_tile<G, std::uint32_t, kToGlobal>(p, global, shared, row_offsets, pitch, row0, channel0);
  else move_tile<G, std::int8_t, kToGlobal>(p, global, shared, row_offsets, pitch, row0, channel0);
}

// Calls each(row in the tile, column in the tile, sum) for every sum this thread holds.
template <typename G, typename Each>
__device__ __forceinline__ void for_each_sum(int (&acc)[G::kFragmentsM][G::kFragmentsN][4],
                                             int row0, int column0, Each each) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int j = 0; j < G::kFragmentsN; ++j)
#pragma unroll
    for (int i = 0; i < G::kFragmentsM; ++i)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        each(row0 + i * 16 + lane / 4 + e / 2 * 8, column0 + j * 8 + lane % 4 * 2 + e % 2,
             acc[i][j][e]);
}

template <typename G>
__device__ __forceinline__ void store_bytes(const ImplicitGemmParams& p,
                                            int (&acc)[G::kFragmentsM][G::kFragmentsN][4],
                                            std::int8_t* tile, const int* row_offsets,
                                            const std::int8_t* z, std::int8_t* y, int warp_row,
                                            int warp_column) {
  const int row0 = static_cast<int>(blockIdx.x) * G::kM,
            channel0 = static_cast<int>(blockIdx.y) * G::kN;
  const int pitch = p.y_granule == 16 ? G::kN + 16 : G::kN + 4;
  if (z != nullptr) {
    move_tile<G, false>(p, const_cast<std::int8_t*>(z), tile, row_offsets, pitch, row0, channel0);
    __syncthreads();
  }
  for_each_sum<G>(acc, warp_row, warp_column, [&](int row, int column, int sum) {
    std::int8_t* at = tile + row * pitch + column;
    const int k = channel0 + column;
    float v = p.epilogue.quantiser.zero_point;  // what padding channels hold
    if (k < p.oc)
      v = finish(p.epilogue, sum, k, p.z_unsigned ? static_cast<std::uint8_t>(*at) : *at);
    *at = static_cast<std::int8_t>(static_cast<int>(v));
  });
  __syncthreads();
  move_tile<G, true>(p, y, tile, row_offsets, pitch, row0, channel0);
}

// Four-byte outputs (float, or the bare sum) go straight to memory.
template <typename G>
__device__ __forceinline__ void store_words(const ImplicitGemmParams& p,
                                            int (&acc)[G::kFragmentsM][G::kFragmentsN][4],
                                            const int* row_offsets, const std::int8_t* z, void* y,
                                            int warp_row, int warp_column) {
  const int row0 = static_cast<int>(blockIdx.x) * G::kM,
            channel0 = static_cast<int>(blockIdx.y) * G::kN;
  for_each_sum<G>(acc, warp_row, warp_column, [&](int row, int column, int sum) {
    const int k = channel0 + column;
    if (row0 + row >= p.m || k >= p.oc_memory) return;
    const int at = row_offsets[row] + channel_offset(p.y, k);
    if (p.sum_output) {
      static_cast<int*>(y)[at] = k < p.oc ? sum + p.epilogue.ibias[k] : 0;
      return;
    }
    int zv = 0;
    if (z != nullptr && k < p.oc) zv = p.z_unsigned ? static_cast<std::uint8_t>(z[at]) : z[at];
    static_cast<float*>(y)[at] = k < p.oc ? finish(p.epilogue, sum, k, zv) : 0.0f;
  });
}

template <typename G>
__global__ __launch_bounds__(G::kThreads) void implicit_gemm(
    const __grid_constant__ ImplicitGemmParams p, const std::int8_t* x, const std::int8_t* w,
    const std::int8_t* z, void* y) {
  extern __shared__ __align__(128) std::int8_t shared[];
  const std::uint32_t stages = shared_address(shared);
  int* row_offsets = reinterpret_cast<int*>(shared + G::kSharedBytes - G::kM * 4);
  const int tid = static_cast<int>(threadIdx.x), warp = tid / 32;
  const int row0 = static_cast<int>(blockIdx.x) * G::kM;
  const int warp_row = warp % G::kWarpsM * G::kWarpM, warp_column = warp / G::kWarpsM * G::kWarpN;

  for (int row = tid; row < G::kM; row += G::kThreads) {
    int n = 0, oh = 0, ow = 0;
    if (row0 + row < p.m) split_pixel(p, row0 + row, &n, &oh, &ow);
    row_offsets[row] = static_cast<int>(n * p.y.n + oh * p.y.h + ow * p.y.w);
  }

  constexpr int kPixels = G::kLoader == Loader::chunk ? G::kM / (G::kThreads / 4) : 1;
  PixelSource pixels[kPixels];
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
    const int row = G::kLoader == Loader::chunk    ? tid / 4 + i * (G::kThreads / 4)
                    : G::kLoader == Loader::images ? tid % (G::kM / 4) * 4
                                                   : tid % G::kM;
    pixels[i] = source_of(p, row0 + row);
  }

  // The host packed the filter as [output tile][K tile][kN][64 bytes].
  const std::int8_t* filter = w + static_cast<long long>(blockIdx.y) * p.k_tiles * G::kBBytes;
  const auto fetch = [&](int kt) {
    if (kt < p.k_tiles) {
      const std::uint32_t stage = stages + kt % G::kStages * G::kStageBytes;
      load_a<G>(p, x, pixels, kt, stage);
      load_b<G>(filter + static_cast<long long>(kt) * G::kBBytes, stage + G::kABytes);
    }
    commit_copies();
  };

  int acc[G::kFragmentsM][G::kFragmentsN][4] = {};
#pragma unroll
  for (int kt = 0; kt < G::kStages - 1; ++kt) fetch(kt);
  for (int kt = 0; kt < p.k_tiles; ++kt) {
    wait_copies<G::kStages - 2>();
    __syncthreads();
    fetch(kt + G::kStages - 1);
    multiply_stage<G>(acc, stages + kt % G::kStages * G::kStageBytes, warp_row, warp_column);
  }
  wait_copies<0>();
  __syncthreads();

  if (p.sum_output || p.epilogue.float_output)
    store_words<G>(p, acc, row_offsets, z, y, warp_row, warp_column);
  else
    store_bytes<G>(p, acc, shared, row_offsets, z, static_cast<std::int8_t*>(y), warp_row,
                   warp_column);
}

template <typename G>
void launch_implicit_gemm(const ImplicitGemmParams& params, const void* x, const void* w,
                          const void* z, void* y, cudaStream_t stream) {
  const auto kernel = implicit_gemm<G>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, G::kSharedBytes);
  const dim3 grid((static_cast<unsigned>(params.m) + G::kM - 1) / G::kM,
                  (static_cast<unsigned>(params.oc_memory) + G::kN - 1) / G::kN);
  kernel<<<grid, G::kThreads, G::kSharedBytes, stream>>>(params, static_cast<const std::int8_t*>(x),
                                                         static_cast<const std::int8_t*>(w),
                                                         static_cast<const std::int8_t*>(z), y);
}

template <typename G>
constexpr ImplicitGemmVariant implicit_gemm_variant() {
  return {{G::kM, G::kN, G::kWarpsM, G::kWarpsN, G::kStages},
          G::kLoader,
          G::kUnsigned,
          launch_implicit_gemm<G>};
}

}  // namespace octet::cuda
