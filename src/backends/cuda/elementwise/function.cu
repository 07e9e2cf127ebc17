// One thread makes one element by the reference's own function (ops/elementwise_functions.hpp).
// Bound by memory where values are plain f32; others pay for the choice of their type, which is the
// same for all threads. Transcendental functions agree within the tolerance of docs/numerics.md.
#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/elementwise/broadcast.cuh"
#include "backends/cuda/elementwise/function.hpp"
#include "ops/elementwise_functions.hpp"

namespace octet::cuda {
namespace {

struct Operands {
  const void* data[4];
};

template <typename T, bool kPlain>
__global__ __launch_bounds__(kElementThreads) void elementwise_function(
    const __grid_constant__ FunctionParams p, Operands x, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.where.count) return;
  const Offsets at = offsets_of(p.where, i);
  const long long offsets[4] = {at.a, at.b, at.c, at.d};
  T values[4] = {};
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    if (k >= p.count) break;
    if constexpr (kPlain) values[k] = static_cast<const T*>(x.data[k])[offsets[k]];
    else values[k] = load_element<T>(p.operands[k], x.data[k], offsets[k]);
  }
  T result{};
  detail::with_function<T>(p.function, [&](const auto& function) {
    result = detail::call<T>(function, [&](std::size_t k) { return values[k]; });
  });
  if constexpr (kPlain) static_cast<T*>(y)[i] = result;
  else store_element(p.output, y, i, result);
}

}  // namespace

void launch_function(const FunctionParams& params, const void* const operands[4], void* y,
                     cudaStream_t stream) {
  if (params.where.count == 0) return;
  const Operands x{{operands[0], operands[1], operands[2], operands[3]}};
  const LaunchShape shape{element_blocks(params.where.count), kElementThreads};
  if (params.plain)
    return launch_chained(elementwise_function<float, true>, shape, stream, params, x, y);
  with_arithmetic(params.arithmetic, [&](auto zero) {
    launch_chained(elementwise_function<decltype(zero), false>, shape, stream, params, x, y);
  });
}

}  // namespace octet::cuda
