// Products of f32 with few rows: what bounds them is reading b, once.
//
//   a block: 8 columns; a warp: a part of the depth (depth_parts.cuh)
//     a, b --kRuns runs under way together--> registers --> Tensor Cores
//     sums of the parts --> shared memory --> a thread adds those of an output
//
// Nobody shares what a lane reads, so nothing goes through shared memory before the end. Half of
// the product's 16 x 8 is empty: blocks of 8 columns spread a last layer's thousand over the
// device. Where b is a constant its first loads begin while the kernel before still runs: at batch
// 1 that is all of the last layer of a network.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/product/depth_parts.cuh"
#include "backends/cuda/product/matmul.hpp"
#include "backends/cuda/product/plain_sum.cuh"

namespace octet::cuda {
namespace {

constexpr int kColumns = 8, kThreads = 32 * kDepthParts;
constexpr int kPairDepth = 2 * kDepthStep, kPairsOfRun = kDepthRun / kPairDepth;

// A lane's line of an operand: four neighbours of each pair of steps of kRuns runs of the warp's
// part.
template <int kRuns>
class HeldLine {
 public:
  // `inside` is false where there is no such line.
  __device__ __forceinline__ HeldLine(const float* line, int step, int depth, bool inside,
                                      bool vectors)
      : line_(line), step_(step), depth_(inside ? depth : 0), vectors_(vectors) {}

  // From depth `first` on.
  __device__ __forceinline__ void fetch(int first) {
#pragma unroll
    for (int i = 0; i < kHeld; ++i) held_[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (vectors_) {
#pragma unroll
      for (int i = 0; i < kHeld; ++i)
        if (const int d = first + depth_of(i); d < depth_)
          held_[i] = *reinterpret_cast<const float4*>(line_ + d);
      return;
    }
#pragma unroll
    for (int i = 0; i < kHeld; ++i) {
      const int left = depth_ - first - depth_of(i);
      const float* const from = line_ + static_cast<long long>(first + depth_of(i)) * step_;
      if (left > 0) held_[i].x = from[0];
      if (left > 1) held_[i].y = from[step_];
      if (left > 2) held_[i].z = from[2 * static_cast<long long>(step_)];
      if (left > 3) held_[i].w = from[3 * static_cast<long long>(step_)];
    }
  }
  __device__ __forceinline__ const float4& operator[](int pair) const { return held_[pair]; }

 private:
  static constexpr int kHeld = kRuns * kPairsOfRun;

  static __device__ __forceinline__ constexpr int depth_of(int pair) {
    return pair / kPairsOfRun * kDepthPeriod + pair % kPairsOfRun * kPairDepth;
  }

  const float* line_;
  int step_, depth_;
  bool vectors_;
  float4 held_[kHeld];
};

// Adds a run's products of 8 columns and 8 rows: the pairs from `first` on.
template <typename Line>
__device__ __forceinline__ void add_run(float (&sums)[2], const Line& w, const Line& x, int first) {
  const float4 none = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  float of_run[1][4] = {};
#pragma unroll
  for (int pair = first; pair < first + kPairsOfRun; ++pair)
#pragma unroll
    for (int step = 0; step < 2; ++step) {
      SplitFloats<4> columns;
      SplitFloats<2> rows[1];
      split_columns(columns, w[pair], none, step);
      split_row(rows[0], x[pair], step);
      add_products_16x8x8(of_run, columns, rows);
    }
#pragma unroll
  for (int i = 0; i < 2; ++i) sums[i] = __fadd_rn(sums[i], of_run[0][i]);
}

// Makes 8 * kTiles rows.
template <int kTiles, int kRuns>
__global__ __launch_bounds__(kThreads) void matmul_few(const __grid_constant__ MatMulParams p,
                                                       const float* a, const float* b,
                                                       const float* bias, float* y) {
  constexpr int kRows = 8 * kTiles;
  __shared__ float parts[kDepthParts][kRows * kColumns];
  const int tid = static_cast<int>(threadIdx.x), part = tid / 32, lane = tid % 32;
  const int g = lane / 4, t = lane % 4, own = part * kDepthRun + 4 * t;
  const int column0 = static_cast<int>(blockIdx.x) * kColumns;
  const int row0 = static_cast<int>(blockIdx.y) * kRows;
  a += blockIdx.z * p.a_batch;
  b += blockIdx.z * p.b_batch;
  y += static_cast<long long>(blockIdx.z) * p.m * p.n;

  allow_next_kernel();
  if (!p.b_constant) wait_for_earlier_kernels();
  const float* const own_row = a + static_cast<long long>(row0 + g) * p.a_row;
  HeldLine<kRuns> w(b + static_cast<long long>(column0 + g) * p.b_column, p.b_depth, p.k,
                    column0 + g < p.n, p.b_vectors);
  w.fetch(own);
  if (p.b_constant) wait_for_earlier_kernels();

  float sums[kTiles][2] = {};
  for (int first = 0; first < p.k; first += kRuns * kDepthPeriod) {
    if (first > 0) w.fetch(first + own);
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
      HeldLine<kRuns> x(own_row + static_cast<long long>(8 * tile) * p.a_row, p.a_depth, p.k,
                        row0 + 8 * tile + g < p.m, p.a_vectors);
      x.fetch(first + own);
#pragma unroll
      for (int run = 0; run < kRuns; ++run)
        if (first + run * kDepthPeriod < p.k) add_run(sums[tile], w, x, run * kPairsOfRun);
    }
  }
#pragma unroll
  for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
    for (int i = 0; i < 2; ++i) parts[part][(8 * tile + 2 * t + i) * kColumns + g] = sums[tile][i];
  __syncthreads();
  const int row = row0 + tid / kColumns, column = column0 + tid % kColumns;
  if (tid >= kRows * kColumns || row >= p.m || column >= p.n) return;
  float of_parts[kDepthParts];
#pragma unroll
  for (int i = 0; i < kDepthParts; ++i) of_parts[i] = parts[i][tid];
  const float sum =
      mended_sum(p, sum_of_neighbours(of_parts), a + static_cast<long long>(row) * p.a_row,
                 b + static_cast<long long>(column) * p.b_column);
  y[static_cast<long long>(row) * p.n + column] =
      activate(p.epilogue.activation, bias == nullptr ? sum : sum + bias[column]);
}

template <int kTiles, int kRuns>
void launch(const MatMulParams& p, const float* a, const float* b, const float* bias, float* y,
            cudaStream_t stream) {
  constexpr int kRows = 8 * kTiles;
  const dim3 grid(static_cast<unsigned>((p.n + kColumns - 1) / kColumns),
                  static_cast<unsigned>((p.m + kRows - 1) / kRows),
                  static_cast<unsigned>(p.batches));
  launch_chained(matmul_few<kTiles, kRuns>, {grid, kThreads}, stream, p, a, b, bias, y);
}

}  // namespace

void launch_matmul_few(const MatMulParams& params, const float* a, const float* b,
                       const float* bias, float* y, cudaStream_t stream) {
  if (params.m <= 8) launch<1, 4>(params, a, b, bias, y, stream);
  else launch<2, 2>(params, a, b, bias, y, stream);
}

}  // namespace octet::cuda
