// Products of f32 by tiles.
//
//   kM x kN outputs   stages of a and b --cp.async--> shared memory --> registers --> Tensor Cores
//   a warp: all sums of a tile over one part of the depth (depth_parts.cuh), so that warps need
//   nothing of each other until the end
//
//   tile      blocks that share its depth
//   64 x 32   a cluster of 2                a warp a part
//   32 x 32   1                             a warp two parts: without clusters, and for narrow
//                                           matrices
//
// A last layer of a network has too few outputs to give every multiprocessor a large tile, and what
// bounds small ones is reading from L2: 128 x 1000 outputs of depth 2048 are 64 MB in tiles of
// 32 x 32. Blocks that share the depth of a larger tile read less.
#include <type_traits>

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/product/matmul.hpp"
#include "backends/cuda/product/staged_operand.cuh"

namespace octet::cuda {
namespace {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr bool kHasClusters = false;
#else
constexpr bool kHasClusters = true;
#endif

template <int Split, int Lines, int PartsOfWarp, int Steps, bool Vectors>
struct WideShape {
  static constexpr int kSplit = Split;  // blocks that share the depth
  static constexpr int kM = Lines, kN = 32;
  static constexpr int kPartsOfWarp = PartsOfWarp;  // one after the other
  static constexpr int kWarps = kDepthParts / Split / PartsOfWarp, kThreads = 32 * kWarps;
  static constexpr int kSteps = Steps, kStages = 2;

  using A = StagedOperand<kM, kSteps, Vectors>;
  using B = StagedOperand<kN, kSteps, Vectors>;
  static constexpr int kStageFloats = A::kFloats + B::kFloats;
  static constexpr int kRingFloats = kStages * kStageFloats;

  // Pairs of parts, which take the place of the stages. A row of sums is padded: the lanes of a
  // warp that write have no bank conflicts.
  static constexpr int kPairs = kDepthParts / Split / 2, kSumStride = kN + 4;
  static constexpr int kPairFloats = kM * kSumStride;
  static constexpr int kSharedBytes = 4 * kWarps * kRingFloats;
  static_assert(kPartsOfWarp <= 2 && kPairs * kPairFloats <= kWarps * kRingFloats);
};

template <bool kVectors>
using Clustered = WideShape<2, 64, 1, 4, kVectors>;
template <bool kVectors>
using Alone = WideShape<1, 32, 2, 2, kVectors>;
static_assert(Alone<true>::kSharedBytes <= 64 * 1024, "what compute capability 7.5 has");

// Columns 16 * i and rows 8 * j of a tile.
template <typename Shape>
using Sums = float[2][Shape::kM / 8][4];

template <typename Shape>
__device__ __forceinline__ void add_stage(Sums<Shape>& sums, const float* stage, int lane) {
  constexpr int kRows = Shape::kM / 8;
  const float *const a = stage, *const b = stage + Shape::A::kFloats;
  const unsigned g = static_cast<unsigned>(lane) / 4, t = static_cast<unsigned>(lane) % 4;
#pragma unroll
  for (int pair = 0; pair < Shape::kSteps / 2; ++pair) {
    float4 w[4], x[kRows];
#pragma unroll
    for (int i = 0; i < 4; ++i) w[i] = Shape::B::read(b, 8 * i + g, pair, t);
#pragma unroll
    for (int j = 0; j < kRows; ++j) x[j] = Shape::A::read(a, 8 * j + g, pair, t);
#pragma unroll
    for (int step = 0; step < 2; ++step) {
      SplitFloats<4> left[2];
      SplitFloats<2> right[kRows];
#pragma unroll
      for (int i = 0; i < 2; ++i) split_columns(left[i], w[2 * i], w[2 * i + 1], step);
#pragma unroll
      for (int j = 0; j < kRows; ++j) split_row(right[j], x[j], step);
#pragma unroll
      for (int i = 0; i < 2; ++i) add_products_16x8x8(sums[i], left[i], right);
    }
  }
}

template <typename Shape>
__device__ __forceinline__ void end_run(Sums<Shape>& sums, Sums<Shape>& of_run) {
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kM / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        sums[i][j][e] = __fadd_rn(sums[i][j][e], of_run[i][j][e]);
        of_run[i][j][e] = 0.0f;
      }
}

// Sums a part, by a ring of stages that is the warp's own: no warp waits for another.
template <typename Shape>
__device__ __forceinline__ void sum_part(Sums<Shape>& sums, const MatMulParams& p,
                                         const OperandView& a, const OperandView& b, float* ring,
                                         int part, int lane) {
  constexpr int kDepth = Shape::kSteps * kDepthStep, kOfRun = kDepthRun / kDepth;
  const typename Shape::A next_a(a, lane);
  const typename Shape::B next_b(b, lane);
  const int first = part * kDepthRun, after_first = max(p.k - first, 0);
  const int stages = (after_first + kDepthPeriod - 1) / kDepthPeriod * kOfRun;
  const auto depth_of = [&](int s) {
    return first + s / kOfRun * kDepthPeriod + s % kOfRun * kDepth;
  };
  const auto stage = [&](int s) { return ring + s % 2 * Shape::kStageFloats; };

  if (!p.b_constant) wait_for_earlier_kernels();
  if (stages > 0) next_b.fetch(stage(0) + Shape::A::kFloats, depth_of(0));
  if (p.b_constant) wait_for_earlier_kernels();
  if (stages > 0) next_a.fetch(stage(0), depth_of(0));
  commit_copies();
  Sums<Shape> of_run = {};
  for (int s = 0; s < stages; ++s) {
    if (s + 1 < stages) {
      next_a.fetch(stage(s + 1), depth_of(s + 1));
      next_b.fetch(stage(s + 1) + Shape::A::kFloats, depth_of(s + 1));
    }
    commit_copies();
    wait_copies<1>();
    __syncwarp();
    add_stage<Shape>(of_run, stage(s), lane);
    if (s % kOfRun == kOfRun - 1) end_run<Shape>(sums, of_run);
    __syncwarp();  // before the stage is filled again
  }
}

// Calls function(sum, where it goes) for the sums of a lane.
template <typename Shape, typename Function>
__device__ __forceinline__ void for_sums(const Sums<Shape>& sums, float* pair, int lane,
                                         Function function) {
  float* const first = pair + lane % 4 * 2 * Shape::kSumStride + lane / 4;
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kM / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        function(sums[i][j][e], first + (8 * j + e % 2) * Shape::kSumStride + 16 * i + e / 2 * 8);
}

// Puts the sums of pairs of parts in shared memory. A warp may have a pair; else odd parts come
// first, to which their even neighbours add.
template <typename Shape>
__device__ __forceinline__ void add_pairs(Sums<Shape> (&sums)[Shape::kPartsOfWarp], float* shared,
                                          int warp, int lane) {
  if constexpr (Shape::kPartsOfWarp == 2) {
    end_run<Shape>(sums[0], sums[1]);
    for_sums<Shape>(sums[0], shared + warp * Shape::kPairFloats, lane,
                    [](float sum, float* to) { *to = sum; });
  } else {
    float* const pair = shared + warp / 2 * Shape::kPairFloats;
    if (warp % 2 == 1)
      for_sums<Shape>(sums[0], pair, lane, [](float sum, float* to) { *to = sum; });
    __syncthreads();
    if (warp % 2 == 0)
      for_sums<Shape>(sums[0], pair, lane, [](float sum, float* to) { *to = __fadd_rn(sum, *to); });
  }
  __syncthreads();
}

// Four neighbouring sums of pair `i` of all parts, from the block that has it.
template <typename Shape>
__device__ __forceinline__ float4 load_pair(const float* shared, int i, int offset) {
  const float* const from = shared + i % Shape::kPairs * Shape::kPairFloats + offset;
  if constexpr (Shape::kSplit == 1) {
    return *reinterpret_cast<const float4*>(from);
  } else {
    std::uint32_t words[4];
    load_cluster_16(words, smem_address(from), i / Shape::kPairs);
    return make_float4(__uint_as_float(words[0]), __uint_as_float(words[1]),
                       __uint_as_float(words[2]), __uint_as_float(words[3]));
  }
}

// Each block finishes a share of the tile's rows, four neighbouring outputs a thread.
template <typename Shape>
__device__ __forceinline__ void finish_rows(const MatMulParams& p, const float* shared, int rank,
                                            int tid, int row0, int column0, const float* bias,
                                            float* y) {
  constexpr int kRowsHere = Shape::kM / Shape::kSplit, kAcross = Shape::kN / 4;
  static_assert(kRowsHere * kAcross <= Shape::kThreads);
  if (tid >= kRowsHere * kAcross) return;
  const int row = rank * kRowsHere + tid / kAcross, column = tid % kAcross * 4;
  float pairs[4][kDepthParts / 2];
#pragma unroll
  for (int i = 0; i < kDepthParts / 2; ++i) {
    const float4 of_pair = load_pair<Shape>(shared, i, row * Shape::kSumStride + column);
    pairs[0][i] = of_pair.x, pairs[1][i] = of_pair.y;
    pairs[2][i] = of_pair.z, pairs[3][i] = of_pair.w;
  }
  if (row0 + row >= p.m) return;
  float v[4];
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    v[k] = sum_of_neighbours(pairs[k]);
    if (bias != nullptr && column0 + column + k < p.n) v[k] = v[k] + bias[column0 + column + k];
  }
  activate(p.epilogue.activation, v);
  float* const to = y + static_cast<long long>(row0 + row) * p.n + column0 + column;
  if (column0 + column + 4 <= p.n && reinterpret_cast<std::uintptr_t>(to) % 16 == 0) {
    *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
    return;
  }
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (column0 + column + k < p.n) to[k] = v[k];
}

template <typename Shape>
__device__ __forceinline__ void compute_tile(const MatMulParams& p, const float* a, const float* b,
                                             const float* bias, float* y) {
  float* const shared = reinterpret_cast<float*>(dynamic_shared_memory());
  const int tid = static_cast<int>(threadIdx.x), warp = tid / 32, lane = tid % 32;
  const int rank = static_cast<int>(blockIdx.x) % Shape::kSplit;
  const int row0 = static_cast<int>(blockIdx.y) * Shape::kM;
  const int column0 = static_cast<int>(blockIdx.x) / Shape::kSplit * Shape::kN;
  const OperandView a_view{a + blockIdx.z * p.a_batch + static_cast<long long>(row0) * p.a_row,
                           p.a_row, p.a_depth, p.m - row0, p.k};
  const OperandView b_view{
      b + blockIdx.z * p.b_batch + static_cast<long long>(column0) * p.b_column, p.b_column,
      p.b_depth, p.n - column0, p.k};
  y += static_cast<long long>(blockIdx.z) * p.m * p.n;

  allow_next_kernel();
  Sums<Shape> sums[Shape::kPartsOfWarp] = {};
#pragma unroll
  for (int i = 0; i < Shape::kPartsOfWarp; ++i)
    sum_part<Shape>(sums[i], p, a_view, b_view, shared + warp * Shape::kRingFloats,
                    (rank * Shape::kWarps + warp) * Shape::kPartsOfWarp + i, lane);
  __syncthreads();  // the sums take the place of the stages
  add_pairs<Shape>(sums, shared, warp, lane);
  if constexpr (Shape::kSplit > 1) cluster_sync();
  finish_rows<Shape>(p, shared, rank, tid, row0, column0, bias, y);
  if constexpr (Shape::kSplit > 1) cluster_sync();  // before a block goes, all have read its sums
}

template <typename Shape>
__global__ __launch_bounds__(Shape::kThreads) void matmul_wide(
    const __grid_constant__ MatMulParams p, const float* a, const float* b, const float* bias,
    float* y) {
  // Devices without clusters never get the kernels that need them.
  if constexpr (Shape::kSplit == 1 || kHasClusters) compute_tile<Shape>(p, a, b, bias, y);
}

template <typename Shape>
void launch(const MatMulParams& p, const float* a, const float* b, const float* bias, float* y,
            cudaStream_t stream) {
  const auto kernel = matmul_wide<Shape>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Shape::kSharedBytes);
  const dim3 grid(static_cast<unsigned>((p.n + Shape::kN - 1) / Shape::kN * Shape::kSplit),
                  static_cast<unsigned>((p.m + Shape::kM - 1) / Shape::kM),
                  static_cast<unsigned>(p.batches));
  launch_chained(kernel, {grid, Shape::kThreads, Shape::kSharedBytes, Shape::kSplit}, stream, p, a,
                 b, bias, y);
}

}  // namespace

void launch_matmul_wide(const MatMulParams& params, const float* a, const float* b,
                        const float* bias, float* y, bool clusters, cudaStream_t stream) {
  const bool narrow = params.m <= 32 || params.n <= 32;
  const auto launch_shape = [&](auto vectors) {
    if (clusters && !narrow) launch<Clustered<vectors>>(params, a, b, bias, y, stream);
    else launch<Alone<vectors>>(params, a, b, bias, y, stream);
  };
  if (params.a_vectors && params.b_vectors) launch_shape(std::true_type{});
  else launch_shape(std::false_type{});
}

}  // namespace octet::cuda
