// One thread takes one line and works along it in order, as the reference does, since the order of
// float additions is part of the result. Bound by latency where there are few lines.
#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/reduce/lines.hpp"
#include "ops/elementwise_functions.hpp"

namespace octet::cuda {
namespace {

template <typename T>
__global__ __launch_bounds__(kElementThreads) void cumsum(const __grid_constant__ LineParams p,
                                                          const void* x, void* y) {
  begin_in_chain();
  const long long line = element_index();
  if (line >= p.lines.count()) return;
  const long long first = p.lines.first(line);
  T sum{0};
  for (long long i = 0; i < p.lines.length; ++i) {
    const long long at = first + (p.reverse ? p.lines.length - 1 - i : i) * p.lines.inner;
    const T next = detail::add(sum, load_element<T>(p.x, x, at));
    store_element(p.y, y, at, p.exclusive ? sum : next);
    sum = next;
  }
}

// The exponentials are computed twice, which costs less than a place to keep them.
template <typename T>
__global__ __launch_bounds__(kElementThreads) void softmax_any(const __grid_constant__ LineParams p,
                                                               const void* x, void* y) {
  begin_in_chain();
  const long long line = element_index();
  if (line >= p.lines.count()) return;
  const long long first = p.lines.first(line), last = first + p.lines.length * p.lines.inner;
  T largest = load_element<T>(p.x, x, first);
  for (long long at = first; at < last; at += p.lines.inner) {
    const T v = load_element<T>(p.x, x, at);
    if (largest < v) largest = v;
  }
  double sum = 0.0;
  for (long long at = first; at < last; at += p.lines.inner)
    sum += static_cast<double>(std::exp(load_element<T>(p.x, x, at) - largest));
  const T scale = p.log ? static_cast<T>(std::log(sum)) : static_cast<T>(sum);
  for (long long at = first; at < last; at += p.lines.inner) {
    const T v = load_element<T>(p.x, x, at) - largest;
    store_element(p.y, y, at, p.log ? v - scale : std::exp(v) / scale);
  }
}

LaunchShape shape_for(const LineParams& p) {
  return {element_blocks(p.lines.count()), kElementThreads};
}

bool nothing(const LineParams& p) { return p.lines.count() == 0 || p.lines.length == 0; }

}  // namespace

void launch_cumsum(const LineParams& params, const void* x, void* y, cudaStream_t stream) {
  if (nothing(params)) return;
  with_arithmetic(params.arithmetic, [&](auto zero) {
    launch_chained(cumsum<decltype(zero)>, shape_for(params), stream, params, x, y);
  });
}

void launch_softmax_any(const LineParams& params, const void* x, void* y, cudaStream_t stream) {
  if (nothing(params)) return;
  const auto kernel =
      params.arithmetic == Arithmetic::binary64 ? softmax_any<double> : softmax_any<float>;
  launch_chained(kernel, shape_for(params), stream, params, x, y);
}

}  // namespace octet::cuda
