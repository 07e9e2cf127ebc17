// One thread takes one element. Bound by memory, and by finding out where it comes from. Updates of
// one place are put in order by their numbers: each claims the place with a maximum, then the one
// that won writes; so the result does not depend on who came first.
#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/index/index.hpp"

namespace octet::cuda {
namespace {

// -1 where an index lies outside.
__device__ long long offset_of(const IndexWalk& walk, const IndexOperands& operands, long long i) {
  int at[kMostIndexAxes];
  long long offset = walk.base;
#pragma unroll
  for (int axis = kMostIndexAxes - 1; axis >= 0; --axis) {
    if (axis >= walk.axes) continue;
    at[axis] = static_cast<int>(i % walk.extents[axis]);
    i /= walk.extents[axis];
    offset += at[axis] * walk.steps[axis];
  }
  for (int k = 0; k < walk.sources; ++k) {
    const IndexSource& source = walk.source[k];
    long long from = source.first;
#pragma unroll
    for (int axis = 0; axis < kMostIndexAxes; ++axis)
      if (axis < walk.axes) from += at[axis] * source.steps[axis];
    const void* indices = operands.inputs[source.input];
    const long long index = source.wide ? static_cast<const long long*>(indices)[from]
                                        : static_cast<const int*>(indices)[from];
    if (index < -source.extent || index >= source.extent) return -1;
    offset += (index < 0 ? index + source.extent : index) * source.step;
  }
  return offset;
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void gather(const __grid_constant__ IndexWalk walk,
                                                          IndexOperands operands, T* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= walk.count) return;
  const long long offset = offset_of(walk, operands, i);
  y[i] = offset < 0 ? T{0} : static_cast<const T*>(operands.inputs[0])[offset];
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void copy_unclaimed(const T* x, T* y, int* winners,
                                                                  long long elements) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= elements) return;
  y[i] = x[i];
  winners[i] = -1;
}

__global__ __launch_bounds__(kElementThreads) void claim(const __grid_constant__ IndexWalk walk,
                                                         IndexOperands operands, int* winners) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= walk.count) return;
  const long long offset = offset_of(walk, operands, i);
  if (offset >= 0) atomicMax(winners + offset, static_cast<int>(i));
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void write_winners(
    const __grid_constant__ IndexWalk walk, IndexOperands operands, const T* updates,
    const int* winners, T* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= walk.count) return;
  const long long offset = offset_of(walk, operands, i);
  if (offset >= 0 && winners[offset] == static_cast<int>(i)) y[offset] = updates[i];
}

template <typename T>
__global__ __launch_bounds__(kElementThreads) void one_hot(const __grid_constant__ OneHotParams p,
                                                           const void* indices, const T* values,
                                                           T* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  const long long place = i / p.inner % p.depth;
  const long long from = i / p.inner / p.depth * p.inner + i % p.inner;
  // Floats are truncated; an index outside of [-depth, depth) turns nothing on.
  const long long index =
      p.floats ? static_cast<long long>(load_element<double>(p.indices, indices, from))
               : load_element<std::int64_t>(p.indices, indices, from);
  y[i] = values[index == place || index == place - p.depth ? 1 : 0];
}

LaunchShape shape_for(long long count) { return {element_blocks(count), kElementThreads}; }

// Calls f with a value of the type that holds elements of this size.
template <typename F>
void with_bytes(int element_bytes, const F& f) {
  switch (element_bytes) {
    case 1: return f(static_cast<unsigned char>(0));
    case 2: return f(static_cast<unsigned short>(0));
    case 4: return f(0u);
    default: return f(0ull);
  }
}

}  // namespace

void launch_gather(const IndexWalk& walk, int element_bytes, const IndexOperands& operands, void* y,
                   cudaStream_t stream) {
  if (walk.count == 0) return;
  with_bytes(element_bytes, [&](auto zero) {
    using T = decltype(zero);
    launch_chained(gather<T>, shape_for(walk.count), stream, walk, operands, static_cast<T*>(y));
  });
}

void launch_scatter(const IndexWalk& walk, int element_bytes, long long elements,
                    const IndexOperands& operands, const void* updates, int* winners, void* y,
                    cudaStream_t stream) {
  if (elements == 0) return;
  with_bytes(element_bytes, [&](auto zero) {
    using T = decltype(zero);
    launch_chained(copy_unclaimed<T>, shape_for(elements), stream,
                   static_cast<const T*>(operands.inputs[0]), static_cast<T*>(y), winners,
                   elements);
    if (walk.count == 0) return;
    launch_chained(claim, shape_for(walk.count), stream, walk, operands, winners);
    launch_chained(write_winners<T>, shape_for(walk.count), stream, walk, operands,
                   static_cast<const T*>(updates), winners, static_cast<T*>(y));
  });
}

void launch_one_hot(const OneHotParams& params, const void* indices, const void* values, void* y,
                    cudaStream_t stream) {
  if (params.count == 0) return;
  with_bytes(params.element_bytes, [&](auto zero) {
    using T = decltype(zero);
    launch_chained(one_hot<T>, shape_for(params.count), stream, params, indices,
                   static_cast<const T*>(values), static_cast<T*>(y));
  });
}

}  // namespace octet::cuda
