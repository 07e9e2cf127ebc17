// One thread makes one element by interpreting the program, whose branches are the same for all
// threads. Registers lie in shared memory, a bank a thread, since they are named by numbers. What
// is between two steps is rounded and clamped as if it had been stored: the bits are those of the
// operators one by one. Bound by memory where the chain is short, else by its instructions.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/walk.cuh"
#include "backends/cuda/elementwise/chain.hpp"
#include "ops/elementwise_functions.hpp"

namespace octet::cuda {
namespace {

__device__ __forceinline__ float number_in(const ElementFormat& format, int bits) {
  if (format.dtype == DType::f32) return __int_as_float(bits);
  return to_number<float>(format, bits);
}

// As a conversion reads it: the stored number.
__device__ __forceinline__ float stored_in(const ElementFormat& format, int bits) {
  return format.dtype == DType::f32 ? __int_as_float(bits) : static_cast<float>(bits);
}

__device__ __forceinline__ int load_bits(const ElementFormat& format, const void* data,
                                         long long i) {
  if (format.dtype == DType::f32) return static_cast<const int*>(data)[i];
  return with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    return static_cast<int>(static_cast<const Stored*>(data)[i]);
  });
}

__device__ __forceinline__ void store_bits(const ElementFormat& format, void* data, long long i,
                                           int bits) {
  if (format.dtype == DType::f32) {
    static_cast<int*>(data)[i] = bits;
    return;
  }
  with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    static_cast<Stored*>(data)[i] = static_cast<Stored>(bits);
  });
}

__global__ __launch_bounds__(kElementThreads) void chain(const __grid_constant__ ChainParams p,
                                                         ChainOperands operands, void* y) {
  begin_in_chain();
  __shared__ int registers[kMostChainOperands + kMostChainSteps][kElementThreads];
  const long long i = element_index();
  if (i >= p.count) return;
  const auto tid = threadIdx.x;
  for (int k = 0; k < p.operands; ++k) {
    const long long at = p.same ? i : offset_in(p.walks[k], p.walks[k].axes, i);
    registers[k][tid] = load_bits(p.formats[k], operands.data[k], at);
  }
  int bits = 0;
  for (int s = 0; s < p.steps; ++s) {
    const ChainStep& step = p.program[s];
    const ElementFormat& format = p.formats[kMostChainOperands + s];
    float result = 0.0f;
    if (step.converts) {
      const int from = step.sources[0];
      result = step.conversion.real(stored_in(p.formats[from], registers[from][tid]));
    } else {
      float values[4] = {};
#pragma unroll
      for (int k = 0; k < 4; ++k)
        if (k < step.count)
          values[k] = number_in(p.formats[step.sources[k]], registers[step.sources[k]][tid]);
      detail::with_function<float>(step.function, [&](const auto& function) {
        result = detail::call<float>(function, [&](std::size_t k) { return values[k]; });
      });
    }
    const Quantiser& quantiser = step.converts ? step.conversion.quantiser : format.quantiser;
    bits = format.quantised ? quantiser(result) : __float_as_int(result);
    registers[kMostChainOperands + s][tid] = bits;
  }
  store_bits(p.formats[kMostChainOperands + p.steps - 1], y, i, bits);
}

}  // namespace

void launch_chain(const ChainParams& params, const ChainOperands& operands, void* y,
                  cudaStream_t stream) {
  if (params.count > 0)
    launch_chained(chain, {element_blocks(params.count), kElementThreads}, stream, params, operands,
                   y);
}

}  // namespace octet::cuda
