#include <cstdint>

#include "backends/cuda/product/matmul.hpp"

namespace octet::cuda {
namespace {

bool in_vectors(const float* from, long long batch, int step, int depth_step) {
  return depth_step == 1 && step % 4 == 0 && batch % 4 == 0 &&
         reinterpret_cast<std::uintptr_t>(from) % 16 == 0;
}

}  // namespace

void launch_matmul_f32(MatMulParams params, const float* a, const float* b, const float* bias,
                       float* y, bool clusters, cudaStream_t stream) {
  constexpr int kFewRows = 16;
  if (params.batches == 0 || params.m == 0 || params.n == 0) return;
  params.a_vectors = in_vectors(a, params.a_batch, params.a_row, params.a_depth);
  params.b_vectors = in_vectors(b, params.b_batch, params.b_column, params.b_depth);
  if (params.m <= kFewRows) launch_matmul_few(params, a, b, bias, y, stream);
  else launch_matmul_wide(params, a, b, bias, y, clusters, stream);
}

}  // namespace octet::cuda
