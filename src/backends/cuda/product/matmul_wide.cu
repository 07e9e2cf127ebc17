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
#include "backends/cuda/product/plain_sum.cuh"
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

  // The sums of each warp take the place of the stages. A row of them is padded: the lanes of a
  // warp that write have no bank conflicts.
  static constexpr int kSumStride = kN + 4, kSumFloats = kM * kSumStride;
  static_assert(kSumFloats <= kRingFloats);

  // Then a block finishes a share of the rows, each thread four outputs. It gets its share of the
  // other block's sums behind the rings.
  static constexpr int kShare = kM / kSplit;
  static_assert(kShare * kN / 4 == kThreads && kSplit <= 2 && kPartsOfWarp <= 2);
  static constexpr int kReceivedFloats = kSplit == 1 ? 0 : kShare * kN;
  static constexpr int kSharedBytes = 4 * (kWarps * kRingFloats + kReceivedFloats);
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
__device__ __forceinline__ void add_sums(Sums<Shape>& sums, const Sums<Shape>& more) {
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kM / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e) sums[i][j][e] = __fadd_rn(sums[i][j][e], more[i][j][e]);
}

template <typename Shape>
__device__ __forceinline__ void clear(Sums<Shape>& sums) {
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kM / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e) sums[i][j][e] = 0.0f;
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
    if (s % kOfRun == kOfRun - 1) {
      add_sums<Shape>(sums, of_run);
      clear<Shape>(of_run);
    }
    __syncwarp();  // before the stage is filled again
  }
}

template <typename Shape>
__device__ __forceinline__ void store_sums(const Sums<Shape>& sums, float* to, int lane) {
  float* const first = to + lane % 4 * 2 * Shape::kSumStride + lane / 4;
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kM / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        first[(8 * j + e % 2) * Shape::kSumStride + 16 * i + e / 2 * 8] = sums[i][j][e];
}

// Of all warps, for four neighbouring outputs.
template <typename Shape>
__device__ __forceinline__ float4 sum_of_warps(const float* shared, int row, int column) {
  float v[4][Shape::kWarps];
#pragma unroll
  for (int warp = 0; warp < Shape::kWarps; ++warp) {
    const float* const from = shared + warp * Shape::kSumFloats + row * Shape::kSumStride + column;
    const float4 four = *reinterpret_cast<const float4*>(from);
    v[0][warp] = four.x, v[1][warp] = four.y, v[2][warp] = four.z, v[3][warp] = four.w;
  }
  return make_float4(sum_of_neighbours(v[0]), sum_of_neighbours(v[1]), sum_of_neighbours(v[2]),
                     sum_of_neighbours(v[3]));
}

// Four neighbouring outputs of this block's share, from the sums that lie in shared memory.
template <typename Shape>
__device__ __forceinline__ float4 sum_of_parts(float* shared, int rank, int tid, int row,
                                               int column) {
  if constexpr (Shape::kSplit == 1) {
    return sum_of_warps<Shape>(shared, row, column);
  } else {
    const int other = 1 - rank;
    float* const received = shared + Shape::kWarps * Shape::kRingFloats + tid * 4;
    store_cluster_16(smem_address(received), other,
                     sum_of_warps<Shape>(shared, other * Shape::kShare + row, column));
    const float4 own = sum_of_warps<Shape>(shared, rank * Shape::kShare + row, column);
    cluster_sync();
    const float4 more = *reinterpret_cast<const float4*>(received);
    return make_float4(__fadd_rn(own.x, more.x), __fadd_rn(own.y, more.y), __fadd_rn(own.z, more.z),
                       __fadd_rn(own.w, more.w));
  }
}

// Bias, activation and the way to memory of the outputs (row, column) .. (row, column + 3).
// `a` and `b` are the operands of this product.
__device__ __forceinline__ void finish_four(const MatMulParams& p, const float4& sums,
                                            const float* a, const float* b, int row, int column,
                                            const float* bias, float* y) {
  if (row >= p.m) return;
  float v[4] = {sums.x, sums.y, sums.z, sums.w};
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (column + k < p.n)
      v[k] = mended_sum(p, v[k], a + static_cast<long long>(row) * p.a_row,
                        b + static_cast<long long>(column + k) * p.b_column);
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (bias != nullptr && column + k < p.n) v[k] = v[k] + bias[column + k];
  activate(p.epilogue.activation, v);
  float* const to = y + static_cast<long long>(row) * p.n + column;
  if (column + 4 <= p.n && reinterpret_cast<std::uintptr_t>(to) % 16 == 0) {
    *reinterpret_cast<float4*>(to) = make_float4(v[0], v[1], v[2], v[3]);
    return;
  }
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (column + k < p.n) to[k] = v[k];
}

template <typename Shape>
__device__ __forceinline__ void compute_tile(const MatMulParams& p, const float* a, const float* b,
                                             const float* bias, float* y) {
  float* const shared = reinterpret_cast<float*>(dynamic_shared_memory());
  const int tid = static_cast<int>(threadIdx.x), warp = tid / 32, lane = tid % 32;
  const int rank = static_cast<int>(blockIdx.x) % Shape::kSplit;
  const int row0 = static_cast<int>(blockIdx.y) * Shape::kM;
  const int column0 = static_cast<int>(blockIdx.x) / Shape::kSplit * Shape::kN;
  a += blockIdx.z * p.a_batch;
  b += blockIdx.z * p.b_batch;
  const OperandView a_view{a + static_cast<long long>(row0) * p.a_row, p.a_row, p.a_depth,
                           p.m - row0, p.k};
  const OperandView b_view{b + static_cast<long long>(column0) * p.b_column, p.b_column, p.b_depth,
                           p.n - column0, p.k};
  y += static_cast<long long>(blockIdx.z) * p.m * p.n;

  allow_next_kernel();
  if constexpr (Shape::kSplit > 1) cluster_sync();  // the other block is there to receive
  Sums<Shape> sums[Shape::kPartsOfWarp] = {};
#pragma unroll
  for (int i = 0; i < Shape::kPartsOfWarp; ++i)
    sum_part<Shape>(sums[i], p, a_view, b_view, shared + warp * Shape::kRingFloats,
                    (rank * Shape::kWarps + warp) * Shape::kPartsOfWarp + i, lane);
  if constexpr (Shape::kPartsOfWarp == 2) add_sums<Shape>(sums[0], sums[1]);
  __syncthreads();  // the sums take the place of the stages
  store_sums<Shape>(sums[0], shared + warp * Shape::kSumFloats, lane);
  __syncthreads();
  const int row = tid / (Shape::kN / 4), column = tid % (Shape::kN / 4) * 4;
  finish_four(p, sum_of_parts<Shape>(shared, rank, tid, row, column), a, b,
              row0 + rank * Shape::kShare + row, column0 + column, bias, y);
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
