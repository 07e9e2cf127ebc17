// Products of f32 by the tiles of product/tiles.cuh.
//
//   rows of a    tile (rows x columns)   sums a thread
//   up to 16     16 x 8, depth 256       1: a block for every 8 columns, so that the reads of b,
//                                        which bound it, are spread over the device
//   few tiles    16 x 32, depth 128      1 x 4
//   else         32 x 32, depth 128      2 x 4
//
// Larger tiles would read less from L2, but leave multiprocessors idle at the sizes that occur: the
// last layer of a network has about a thousand columns. A warp issues 8 products for 2 loads from
// shared memory, whose bandwidth that just fills.
#include "backends/cuda/common/epilogue.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/product/matmul.hpp"
#include "backends/cuda/product/tiles.cuh"

namespace octet::cuda {
namespace {

using Narrow = TileShape<16, 8, 1, 1, 256>;
using Low = TileShape<16, 32, 1, 4, 128>;
using Square = TileShape<32, 32, 2, 4, 128>;

template <typename Shape>
__global__ __launch_bounds__(Shape::kThreads) void matmul_f32(
    const __grid_constant__ MatMulParams p, const float* a, const float* b, const float* bias,
    float* y) {
  begin_in_chain();
  const int row0 = static_cast<int>(blockIdx.y) * Shape::kM,
            column0 = static_cast<int>(blockIdx.x) * Shape::kN;
  a += blockIdx.z * p.a_batch + static_cast<long long>(row0) * p.a_row;
  b += blockIdx.z * p.b_batch + static_cast<long long>(column0) * p.b_column;
  y += static_cast<long long>(blockIdx.z) * p.m * p.n;
  float sums[Shape::kRows][Shape::kColumns] = {};
  sum_tile<Shape>(sums, a, p.a_row, p.a_depth, p.m - row0, b, p.b_column, p.b_depth, p.n - column0,
                  p.k);
  const int tid = static_cast<int>(threadIdx.x), across = Shape::kN / Shape::kColumns;
  if (tid >= Shape::kPartThreads) return;
#pragma unroll
  for (int i = 0; i < Shape::kRows; ++i)
#pragma unroll
    for (int j = 0; j < Shape::kColumns; ++j) {
      const int row = row0 + tid / across * Shape::kRows + i;
      const int column = column0 + tid % across * Shape::kColumns + j;
      if (row < p.m && column < p.n)
        y[static_cast<long long>(row) * p.n + column] = activate(
            p.epilogue.activation, bias == nullptr ? sums[i][j] : sums[i][j] + bias[column]);
    }
}

unsigned tiles_of(int extent, int tile) {
  return static_cast<unsigned>((extent + tile - 1) / tile);
}

template <typename Shape>
LaunchShape shape_for(const MatMulParams& p) {
  return {
      dim3(tiles_of(p.n, Shape::kN), tiles_of(p.m, Shape::kM), static_cast<unsigned>(p.batches)),
      Shape::kThreads};
}

// Calls launch(shape of the tile) with the tile for the problem.
template <typename Launch>
void with_tile(const MatMulParams& p, int multiprocessors, const Launch& launch) {
  if (p.batches == 0 || p.m == 0 || p.n == 0) return;
  if (p.m <= Narrow::kM) return launch(Narrow{});
  const auto squares =
      static_cast<long long>(tiles_of(p.n, Square::kN)) * tiles_of(p.m, Square::kM) * p.batches;
  if (squares * 2 <= multiprocessors) return launch(Low{});
  return launch(Square{});
}

}  // namespace

void launch_matmul_f32(const MatMulParams& params, const float* a, const float* b,
                       const float* bias, float* y, int multiprocessors, cudaStream_t stream) {
  with_tile(params, multiprocessors, [&](auto shape) {
    using Shape = decltype(shape);
    launch_chained(matmul_f32<Shape>, shape_for<Shape>(params), stream, params, a, b, bias, y);
  });
}

}  // namespace octet::cuda
