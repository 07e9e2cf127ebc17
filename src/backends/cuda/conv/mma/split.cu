// The second step of a split implicit GEMM: a thread adds up four channels of one pixel and
// finishes them. Bound by its launch: the parts are a few MB at most, which the L2 cache still
// holds.
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/mma/split.hpp"
#include "backends/cuda/conv/mma/store.cuh"

namespace octet::cuda {
namespace {

constexpr int kThreads = 128;

__global__ __launch_bounds__(kThreads) void finish_parts(
    const __grid_constant__ ImplicitGemmParams p, GemmParts parts, const std::int8_t* z, void* y) {
  begin_in_chain();
  const int at = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  const int row = at / (parts.width / 4), k = at % (parts.width / 4) * 4;
  if (row >= p.m || k >= p.oc_memory) return;
  int sums[4] = {};
  for (int part = 0; part < parts.count; ++part) {
    const long long line = static_cast<long long>(part) * parts.rows + row;
    const int4 more = *reinterpret_cast<const int4*>(parts.sums + line * parts.width + k);
    sums[0] += more.x;
    sums[1] += more.y;
    sums[2] += more.z;
    sums[3] += more.w;
  }
  int n, oh, ow;
  split_pixel(p, row, &n, &oh, &ow);
  store_any4(p, sums, static_cast<int>(n * p.y.n + oh * p.y.h + ow * p.y.w), k, z, y);
}

}  // namespace

void launch_finish_parts(const ImplicitGemmParams& params, const GemmParts& parts,
                         const std::int8_t* z, void* y, cudaStream_t stream) {
  const int threads = params.m * (parts.width / 4);
  const auto blocks = static_cast<unsigned>((threads + kThreads - 1) / kThreads);
  launch_chained(finish_parts, {blocks, kThreads}, stream, params, parts, z, y);
}

}  // namespace octet::cuda
