// One thread makes one element. Bound by memory. Sums and products are rounded one by one, as the
// reference does; transcendental functions agree within the tolerance of docs/numerics.md.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/elementwise/broadcast.cuh"
#include "backends/cuda/elementwise/float.hpp"

namespace octet::cuda {
namespace {

__device__ float sigmoid(float v) { return __fdiv_rn(1.0f, __fadd_rn(1.0f, expf(-v))); }

__device__ float evaluate(const FloatParams& p, float a, float b, float c, float d) {
  using F = FloatFunction;
  switch (p.function) {
    case F::abs: return fabsf(a);
    case F::ceil: return ceilf(a);
    case F::exp: return expf(a);
    case F::floor: return floorf(a);
    case F::log: return logf(a);
    case F::negate: return -a;
    case F::reciprocal: return __fdiv_rn(1.0f, a);
    case F::relu: return a > 0.0f ? a : 0.0f;
    case F::relu6: return fminf(fmaxf(a, 0.0f), 6.0f);
    case F::round: return roundf(a);
    case F::round_even: return rintf(a);
    case F::sigmoid: return sigmoid(a);
    case F::sqrt: return __fsqrt_rn(a);
    case F::square: return __fmul_rn(a, a);
    case F::tanh: return tanhf(a);
    case F::h_swish:
      return __fdiv_rn(__fmul_rn(a, fminf(fmaxf(__fadd_rn(a, 3.0f), 0.0f), 6.0f)), 6.0f);
    case F::silu: return __fdiv_rn(a, __fadd_rn(1.0f, expf(-a)));
    case F::leaky_relu: return a >= 0.0f ? a : __fmul_rn(a, p.alpha);
    case F::clip: return fminf(fmaxf(a, p.alpha), p.beta);
    case F::sin: return sinf(a);
    case F::cos: return cosf(a);
    case F::add: return __fadd_rn(a, b);
    case F::sub: return __fsub_rn(a, b);
    case F::mul: return __fmul_rn(a, b);
    case F::div: return __fdiv_rn(a, b);
    case F::min: return fminf(a, b);
    case F::max: return fmaxf(a, b);
    case F::prelu: return a > 0.0f ? a : __fmul_rn(a, b);
    case F::add_relu: return fmaxf(__fadd_rn(a, b), 0.0f);
    case F::add_sigmoid: return sigmoid(__fadd_rn(a, b));
    case F::add_tanh: return tanhf(__fadd_rn(a, b));
    case F::mul_add3: return __fadd_rn(__fmul_rn(a, b), c);
    case F::mul_add4: return __fadd_rn(__fmul_rn(a, b), __fmul_rn(c, d));
    default: return a;
  }
}

__global__ void float_function(const __grid_constant__ FloatParams p, const float* a,
                               const float* b, const float* c, const float* d, float* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.where.count) return;
  const Offsets o = offsets_of(p.where, i);
  y[i] = evaluate(p, a[o.a], b == nullptr ? 0.0f : b[o.b], c == nullptr ? 0.0f : c[o.c],
                  d == nullptr ? 0.0f : d[o.d]);
}

}  // namespace

void launch_float(const FloatParams& params, const float* const operands[4], float* y,
                  cudaStream_t stream) {
  if (params.where.count > 0)
    launch_chained(float_function, {element_blocks(params.where.count), kElementThreads}, stream,
                   params, operands[0], operands[1], operands[2], operands[3], y);
}

}  // namespace octet::cuda
