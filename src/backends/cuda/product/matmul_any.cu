// One thread computes one output. Bound by its loads; it exists so that every product runs. Floats
// are added in binary64, as the reference does.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/walk.cuh"
#include "backends/cuda/product/store.cuh"

namespace octet::cuda {
namespace {

struct Place {
  long long a, b;  // of the row's and the column's first element
  int column;
};

__device__ __forceinline__ Place place_of(const MatMulAnyParams& any, long long i) {
  const MatMulParams& p = any.product;
  const int column = static_cast<int>(i % p.n);
  i /= p.n;
  const long long row = i % p.m, batch = i / p.m;
  return {any.a_offsets[batch] + row * p.a_row,
          any.b_offsets[batch] + static_cast<long long>(column) * p.b_column, column};
}

__device__ __forceinline__ long long outputs_of(const MatMulParams& p) {
  return static_cast<long long>(p.batches) * p.m * p.n;
}

__global__ __launch_bounds__(kElementThreads) void matmul_any_f32(
    const __grid_constant__ MatMulAnyParams any, const float* a, const float* b, const float* bias,
    float* y) {
  begin_in_chain();
  const long long i = element_index();
  const MatMulParams& p = any.product;
  if (i >= outputs_of(p)) return;
  const Place at = place_of(any, i);
  double sum = 0.0;
  for (long long d = 0; d < p.k; ++d)
    sum +=
        static_cast<double>(a[at.a + d * p.a_depth]) * static_cast<double>(b[at.b + d * p.b_depth]);
  float v = static_cast<float>(sum);
  if (bias != nullptr) v += bias[offset_in(any.bias, any.bias.axes, i)];
  y[i] = activate(p.epilogue.activation, v);
}

__global__ __launch_bounds__(kElementThreads) void matmul_any_bytes(
    const __grid_constant__ MatMulAnyParams any, const void* a, const void* b, void* y) {
  begin_in_chain();
  const long long i = element_index();
  const MatMulParams& p = any.product;
  if (i >= outputs_of(p)) return;
  const Place at = place_of(any, i);
  const int b_zero = p.b_zero_points == nullptr ? 0 : p.b_zero_points[at.column];
  int sum = 0;
  for (long long d = 0; d < p.k; ++d)
    sum += (load_byte(a, p.a_unsigned, at.a + d * p.a_depth) - p.a_zero_point) *
           (load_byte(b, p.b_unsigned, at.b + d * p.b_depth) - b_zero);
  store_sum(p, sum, at.column, y, i);
}

LaunchShape shape_for(const MatMulAnyParams& any) {
  const MatMulParams& p = any.product;
  return {element_blocks(static_cast<long long>(p.batches) * p.m * p.n), kElementThreads};
}

bool nothing(const MatMulParams& p) { return p.batches == 0 || p.m == 0 || p.n == 0; }

}  // namespace

void launch_matmul_any_f32(const MatMulAnyParams& params, const float* a, const float* b,
                           const float* bias, float* y, cudaStream_t stream) {
  if (!nothing(params.product))
    launch_chained(matmul_any_f32, shape_for(params), stream, params, a, b, bias, y);
}

void launch_matmul_any_bytes(const MatMulAnyParams& params, const void* a, const void* b, void* y,
                             cudaStream_t stream) {
  if (!nothing(params.product))
    launch_chained(matmul_any_bytes, shape_for(params), stream, params, a, b, y);
}

}  // namespace octet::cuda
