// A thread makes one output element. Bound by memory.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/move/add_map.hpp"
#include "ops/elements.hpp"

namespace octet::cuda {
namespace {

template <typename T>
__device__ T sum_of(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  else return T(a + b);
}

__global__ __launch_bounds__(kElementThreads) void add_map(DType dtype, const int* map,
                                                           long long count, const void* x,
                                                           const void* value, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= count) return;
  const long long from = map[i] - 1 - count;
  with_storage(dtype, [&]<typename T>(std::type_identity<T>) {
    T element = static_cast<const T*>(x)[i];
    if (from >= 0) element = sum_of(element, static_cast<const T*>(value)[from]);
    static_cast<T*>(y)[i] = element;
  });
}

}  // namespace

void launch_add_map(DType dtype, const int* map, long long count, const void* x, const void* value,
                    void* y, cudaStream_t stream) {
  if (count > 0)
    launch_chained(add_map, {element_blocks(count), kElementThreads}, stream, dtype, map, count, x,
                   value, y);
}

}  // namespace octet::cuda
