// Products of bytes of any kind: 32 x 32 outputs a block, 32 of K at a time in shared memory, four
// outputs a thread. Bound by shared memory; what is constant is a convolution (linear.hpp).
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/product/store.cuh"

namespace octet::cuda {
namespace {

constexpr int kTile = 32, kRows = 8;  // a block is 32 x 8 threads

// Sums a tile: load_a(row, depth) and load_b(depth, column) give 0 outside. An operand whose
// depth is not its inner axis is read along the other one, so that reads are coalesced; the next
// tile is on its way while this one is multiplied.
template <typename LoadA, typename LoadB>
__device__ void sum_tile(int (&sums)[4], const MatMulParams& p, LoadA load_a, LoadB load_b) {
  __shared__ int a[kTile][kTile + 1], b[kTile][kTile + 1];
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  const bool a_by_depth = p.a_depth == 1, b_by_column = p.b_column == 1;
  int next_a[4], next_b[4];
  const auto fetch = [&](int depth) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int other = y + i * kRows;
      next_a[i] = a_by_depth ? load_a(other, depth + x) : load_a(x, depth + other);
      next_b[i] = b_by_column ? load_b(depth + other, x) : load_b(depth + x, other);
    }
  };
  fetch(0);
  for (int depth = 0; depth < p.k; depth += kTile) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int other = y + i * kRows;
      (a_by_depth ? a[other][x] : a[x][other]) = next_a[i];
      (b_by_column ? b[other][x] : b[x][other]) = next_b[i];
    }
    __syncthreads();
    if (depth + kTile < p.k) fetch(depth + kTile);
#pragma unroll 8
    for (int d = 0; d < kTile; ++d)
#pragma unroll
      for (int i = 0; i < 4; ++i) sums[i] += a[y + i * kRows][d] * b[d][x];
    __syncthreads();
  }
}

__global__ void matmul_bytes(const __grid_constant__ MatMulParams p, const void* a, const void* b,
                             void* y) {
  begin_in_chain();
  const int row0 = static_cast<int>(blockIdx.y) * kTile,
            column0 = static_cast<int>(blockIdx.x) * kTile;
  const long long a0 = blockIdx.z * p.a_batch, b0 = blockIdx.z * p.b_batch;
  int sums[4] = {};
  sum_tile(
      sums, p,
      [&](int row, int d) {
        return row0 + row < p.m && d < p.k
                   ? load_byte(a, p.a_unsigned,
                               a0 + static_cast<long long>(row0 + row) * p.a_row +
                                   static_cast<long long>(d) * p.a_depth) -
                         p.a_zero_point
                   : 0;
      },
      [&](int d, int column) {
        const int zero = p.b_zero_points == nullptr || column0 + column >= p.n
                             ? 0
                             : p.b_zero_points[column0 + column];
        return column0 + column < p.n && d < p.k
                   ? load_byte(b, p.b_unsigned,
                               b0 + static_cast<long long>(d) * p.b_depth +
                                   static_cast<long long>(column0 + column) * p.b_column) -
                         zero
                   : 0;
      });
  const int column = column0 + static_cast<int>(threadIdx.x);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int row = row0 + static_cast<int>(threadIdx.y) + i * kRows;
    if (row >= p.m || column >= p.n) continue;
    const long long at = (static_cast<long long>(blockIdx.z) * p.m + row) * p.n + column;
    store_sum(p, sums[i], column, y, at);
  }
}

dim3 grid_for(const MatMulParams& p) {
  return {static_cast<unsigned>((p.n + kTile - 1) / kTile),
          static_cast<unsigned>((p.m + kTile - 1) / kTile), static_cast<unsigned>(p.batches)};
}

bool nothing(const MatMulParams& p) { return p.batches == 0 || p.m == 0 || p.n == 0; }

}  // namespace

void launch_matmul_bytes(const MatMulParams& params, const void* a, const void* b, void* y,
                         cudaStream_t stream) {
  if (nothing(params)) return;
  launch_chained(matmul_bytes, {grid_for(params), dim3(kTile, kRows)}, stream, params, a, b, y);
}

}  // namespace octet::cuda
