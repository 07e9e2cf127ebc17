// By given scales: one thread makes one element, bound by memory. Dynamically: one block finds the
// range, which is read from memory by one multiprocessor alone, then one thread makes one element.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/convert/by_input.hpp"
#include "ops/elements.hpp"

namespace octet::cuda {
namespace {

__global__ __launch_bounds__(kElementThreads) void quantize_by_input(
    const __grid_constant__ QuantizeByInputParams p, const void* x, const float* scales,
    const void* zero_points, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.rows.outer * p.rows.channels * p.rows.inner) return;
  const long long k = i / p.rows.inner % p.rows.channels;
  const float scale = scales[k];
  std::int32_t zero = 0;
  if (zero_points != nullptr)
    zero = with_storage(p.zero_points, [&]<typename Z>(std::type_identity<Z>) {
      return static_cast<std::int32_t>(static_cast<const Z*>(zero_points)[k]);
    });
  with_storage(p.integers, [&]<typename Q>(std::type_identity<Q>) {
    if (p.dequantize) {
      const auto stored = static_cast<float>(static_cast<const Q*>(x)[i]);
      static_cast<float*>(y)[i] = (stored - static_cast<float>(zero)) * scale;
    } else if constexpr (std::is_integral_v<Q>) {
      Quantiser quantiser = p.quantiser;
      quantiser.factor = scale;
      quantiser.zero_point = zero;
      static_cast<Q*>(y)[i] = static_cast<Q>(quantiser(static_cast<const float*>(x)[i]));
    }
  });
}

constexpr int kRangeThreads = 1024;

__global__ __launch_bounds__(kRangeThreads) void find_range(Quantiser quantiser, const float* x,
                                                            long long count, float* scale,
                                                            std::uint8_t* zero_point) {
  begin_in_chain();
  __shared__ float lows[kRangeThreads], highs[kRangeThreads];
  const int tid = static_cast<int>(threadIdx.x);
  float least = 0.0f, most = 0.0f;  // NaN is below and above nothing
  for (long long i = tid; i < count; i += kRangeThreads) {
    const float v = x[i];
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  lows[tid] = least;
  highs[tid] = most;
  for (int half = kRangeThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (tid >= half) continue;
    lows[tid] = fminf(lows[tid], lows[tid + half]);
    highs[tid] = fmaxf(highs[tid], highs[tid + half]);
  }
  if (tid > 0) return;
  least = lows[0];
  most = highs[0];
  // The zero point is what -least becomes, before there is a zero point to add.
  quantiser.factor = most == least ? 1.0f : (most - least) / quantiser.highest;
  *scale = quantiser.factor;
  *zero_point = static_cast<std::uint8_t>(quantiser(-least));
}

__global__ __launch_bounds__(kElementThreads) void quantize_by_range(
    Quantiser quantiser, const float* x, long long count, std::uint8_t* y, const float* scale,
    const std::uint8_t* zero) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= count) return;
  quantiser.factor = *scale;
  quantiser.zero_point = *zero;
  y[i] = static_cast<std::uint8_t>(quantiser(x[i]));
}

}  // namespace

void launch_quantize_by_input(const QuantizeByInputParams& params, const void* x,
                              const float* scales, const void* zero_points, void* y,
                              cudaStream_t stream) {
  const long long count = params.rows.outer * params.rows.channels * params.rows.inner;
  if (count > 0)
    launch_chained(quantize_by_input, {element_blocks(count), kElementThreads}, stream, params, x,
                   scales, zero_points, y);
}

void launch_dynamic_quantize(const Quantiser& quantiser, const float* x, long long count,
                             std::uint8_t* y, float* scale, std::uint8_t* zero_point,
                             cudaStream_t stream) {
  launch_chained(find_range, {1, kRangeThreads}, stream, quantiser, x, count, scale, zero_point);
  if (count > 0)
    launch_chained(quantize_by_range, {element_blocks(count), kElementThreads}, stream, quantiser,
                   x, count, y, scale, zero_point);
}

}  // namespace octet::cuda
