// The kernel. A block computes kM output pixels x kN output channels; K = filter taps x channels.
//
//        K (64 bytes a tile)               shared memory, per stage
//      +-----------+                       A chunk form: [kM rows][64 bytes], 16-byte chunks
//   kM | A: pixels |                         swizzled by row, read with ldmatrix
//      +-----------+                       A word form : [16 words][kM + 8 rows] of 4 bytes, read
//      +-----------+   kM x kN sums in       with plain loads that are fragments already
//   kN | B: filter |   registers           B           : [kN rows][64 bytes], swizzled, copied as
//      +-----------+                         the host packed it
//                                          store       : sums that need the general epilogue
//
// Where a problem has too few tiles for the device, `split` blocks share each (grid z): a block
// adds up its part of K and leaves the bare sums in memory for finish_parts() (split.hpp).
//
// A piece of the input outside the image is written as the zero point. On Hopper mma.sync reaches
// 65 % of the peak. A warp's tile is 64 x 64 where it can be: per 32 bytes of K it reads 4 KB of
// shared memory for 32 mma, which is just under what shared memory gives; smaller warp tiles are
// bound by it, and layers with few channels by the L2 reads of A, one per filter tap.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/mma/split.hpp"
#include "backends/cuda/conv/mma/store.cuh"

namespace octet::cuda {

template <int Bytes>
struct VectorOf;
template <>
struct VectorOf<16> {
  using Type = uint4;
};
template <>
struct VectorOf<8> {
  using Type = uint2;
};

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
inline constexpr int kSharedOfMultiprocessor = 228 * 1024;
#elif __CUDA_ARCH__ == 800 || __CUDA_ARCH__ == 870
inline constexpr int kSharedOfMultiprocessor = 164 * 1024;
#elif __CUDA_ARCH__ > 800
inline constexpr int kSharedOfMultiprocessor = 100 * 1024;
#else
inline constexpr int kSharedOfMultiprocessor = 64 * 1024;
#endif

template <int M, int N, int WarpsM, int WarpsN, int Stages, Loader L, bool Unsigned, int Split = 1>
struct ImplicitGemm {
  static constexpr int kM = M, kN = N, kWarpsM = WarpsM, kWarpsN = WarpsN, kStages = Stages;
  static constexpr Loader kLoader = L;
  static constexpr bool kUnsigned = Unsigned;
  static constexpr int kSplit = Split;
  static constexpr int kThreads = WarpsM * WarpsN * 32;
  static constexpr int kWarpM = M / WarpsM, kWarpN = N / WarpsN;
  static constexpr int kFragmentsM = kWarpM / 16, kFragmentsN = kWarpN / 8;
  static constexpr int kRows = 2 * kFragmentsM, kRun = kWarpN / 4;  // that a thread ends up with
  using RunVector = typename VectorOf<kRun>::Type;
  static constexpr int kWordRows = M + 8;  // the 8 keeps fragment loads free of bank conflicts
  static constexpr int kWords = kGemmK / 4;
  static constexpr int kABytes = L == Loader::chunk ? M * kGemmK : kWords * kWordRows * 4;
  static constexpr int kBBytes = N * kGemmK;
  static constexpr int kStageBytes = kABytes + kBBytes;
  static constexpr int kSumBytes = M * N * 4;
  static constexpr int kParkBytes = Split > 1 ? 0 : kSumBytes;
  static constexpr int kSharedBytes =
      (Stages * kStageBytes > kParkBytes ? Stages * kStageBytes : kParkBytes) + M * 4;
  // Blocks that a multiprocessor takes. 64 registers of sums want 128 in all, 128 want 255; where
  // shared memory takes fewer blocks, no registers need be saved.
  static constexpr bool kFits = kSharedBytes <= kSharedOfMultiprocessor;
  static constexpr int kBlocksByShared = kFits ? kSharedOfMultiprocessor / kSharedBytes : 1;
  static constexpr int kBlocksByRegisters =
      kFragmentsM * kFragmentsN * 4 > 64 ? 256 / kThreads : 512 / kThreads;
  static constexpr int kBlocks =
      kBlocksByShared < kBlocksByRegisters ? kBlocksByShared : kBlocksByRegisters;

  static_assert(kWarpM % 16 == 0 && kWarpN % 16 == 0, "a warp computes whole 16 x 16 fragments");
  static_assert(kWords % (kThreads * (L == Loader::images ? 4 : 1) / M > 0
                              ? kThreads * (L == Loader::images ? 4 : 1) / M
                              : 1) ==
                    0,
                "threads divide the words of a tile");
  static_assert(L != Loader::chunk || M % (kThreads / 4) == 0,
                "chunk form: whole passes over rows");
};

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
__device__ __forceinline__ void multiply_stage(Sums<G>& acc, std::uint32_t stage, int row0,
                                               int column0) {
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

// Sums begin with the integer bias of their channel, those of later parts of K with nothing.
template <typename G>
__device__ __forceinline__ void start_sums(const ImplicitGemmParams& p, Sums<G>& acc, int k0) {
#pragma unroll
  for (int g = 0; g < G::kRun / 4; ++g) {
    int bias[4];
    load_channels(bias, p.epilogue.ibias, k0 + g * 4);
    if (G::kSplit > 1 && blockIdx.z > 0) bias[0] = bias[1] = bias[2] = bias[3] = 0;
#pragma unroll
    for (int i = 0; i < G::kFragmentsM; ++i)
#pragma unroll
      for (int e = 0; e < 8; ++e) acc[i][g * 2 + e / 4][e % 4] = bias[e / 4 * 2 + e % 2];
  }
}

template <typename G>
__device__ __forceinline__ void compute_tile(const ImplicitGemmParams& p, const std::int8_t* x,
                                             const std::int8_t* w, const std::int8_t* z, void* y) {
  auto* const shared = reinterpret_cast<std::int8_t*>(dynamic_shared_memory());
  const std::uint32_t stages = shared_address(shared);
  int* row_offsets = reinterpret_cast<int*>(shared + G::kSharedBytes - G::kM * 4);
  const int tid = static_cast<int>(threadIdx.x), warp = tid / 32, lane = tid % 32;
  const int row0 = static_cast<int>(blockIdx.x) * G::kM;
  const int warp_row = warp % G::kWarpsM * G::kWarpM, warp_column = warp / G::kWarpsM * G::kWarpN;
  const int k0 = static_cast<int>(blockIdx.y) * G::kN + warp_column + lane % 4 * G::kRun;

  for (int row = tid; G::kSplit == 1 && row < G::kM; row += G::kThreads) {
    int n = 0, oh = 0, ow = 0;
    if (row0 + row < p.m) split_pixel(p, row0 + row, &n, &oh, &ow);
    row_offsets[row] =
        row0 + row < p.m ? static_cast<int>(n * p.y.n + oh * p.y.h + ow * p.y.w) : -1;
  }

  int first = 0, last = p.k_tiles;
  if constexpr (G::kSplit > 1) {
    const int part = static_cast<int>(blockIdx.z);
    first = p.k_tiles * part / G::kSplit;
    last = p.k_tiles * (part + 1) / G::kSplit;
  }
  LoaderA<G> loader;
  loader.start(p, row0, first);
  // The host packed the filter as [output tile][K tile][kN][64 bytes].
  const std::int8_t* filter = w + static_cast<long long>(blockIdx.y) * p.k_tiles * G::kBBytes;
  const auto fetch = [&](int kt) {
    if (kt < last) {
      const std::uint32_t stage = stages + kt % G::kStages * G::kStageBytes;
      loader.load(p, x, kt, stage);
      load_b<G>(filter + static_cast<long long>(kt) * G::kBBytes, stage + G::kABytes);
    }
    commit_copies();
  };

#pragma unroll
  for (int i = 0; i < G::kStages - 1; ++i) fetch(first + i);
  Sums<G> acc;
  start_sums<G>(p, acc, k0);
  for (int kt = first; kt < last; ++kt) {
    wait_copies<G::kStages - 2>();
    __syncthreads();
    fetch(kt + G::kStages - 1);
    multiply_stage<G>(acc, stages + kt % G::kStages * G::kStageBytes, warp_row, warp_column);
  }
  wait_copies<0>();
  __syncthreads();
  if constexpr (G::kSplit > 1)
    return store_part<G>(acc, row0 + warp_row + lane / 4, k0, static_cast<int*>(y));
  store_tile<G>(p, acc, {row_offsets, warp_row + lane / 4, k0}, reinterpret_cast<int4*>(shared), z,
                y);
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, G::kBlocks) void implicit_gemm(
    const __grid_constant__ ImplicitGemmParams p, const std::int8_t* x, const std::int8_t* w,
    const std::int8_t* z, void* y) {
  begin_in_chain();
  // Rows say which tiles a device has the shared memory for: others need no code.
  if constexpr (G::kFits) compute_tile<G>(p, x, w, z, y);
}

template <typename G>
void launch_implicit_gemm(const ImplicitGemmParams& params, const ImplicitGemmOperands& operands,
                          cudaStream_t stream) {
  const auto kernel = implicit_gemm<G>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, G::kSharedBytes);
  const dim3 grid((static_cast<unsigned>(params.m) + G::kM - 1) / G::kM,
                  (static_cast<unsigned>(params.oc_memory) + G::kN - 1) / G::kN, G::kSplit);
  const auto* z = static_cast<const std::int8_t*>(operands.z);
  launch_chained(kernel, {grid, G::kThreads, G::kSharedBytes}, stream, params,
                 static_cast<const std::int8_t*>(operands.x),
                 static_cast<const std::int8_t*>(operands.filter), z,
                 G::kSplit > 1 ? operands.parts : operands.y);
  if constexpr (G::kSplit > 1)
    launch_finish_parts(params,
                        {static_cast<int*>(operands.parts), G::kSplit,
                         static_cast<int>(grid.x) * G::kM, static_cast<int>(grid.y) * G::kN},
                        z, operands.y, stream);
}

template <typename G>
constexpr ImplicitGemmVariant implicit_gemm_variant() {
  return {{G::kM, G::kN, G::kWarpsM, G::kWarpsN, G::kStages, G::kSplit},
          G::kLoader,
          G::kUnsigned,
          G::kSharedBytes,
          launch_implicit_gemm<G>};
}

}  // namespace octet::cuda
