// One block takes one line. For the best element every thread looks through its share, and the
// block compares; for the best k it does so k times, each time among what comes after the element
// found last. Meant for few of many: bound by reading the line k times, from L1 or L2.
#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/reduce/lines.hpp"
#include "ops/selection.hpp"

namespace octet::cuda {
namespace {

constexpr int kThreads = 128;

// An element and its place in the line; -1: none.
template <typename T>
struct Found {
  T value;
  long long index;
};

// The block's best by `better`, which no two found elements satisfy both ways.
template <typename T, typename Better>
__device__ Found<T> best_of_block(Found<T> found, const Better& better) {
  __shared__ Found<T> all[kThreads];
  const int tid = static_cast<int>(threadIdx.x);
  __syncthreads();  // the last result has been read
  all[tid] = found;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (tid >= half || all[tid + half].index < 0) continue;
    if (all[tid].index < 0 || better(all[tid + half], all[tid])) all[tid] = all[tid + half];
  }
  __syncthreads();
  return all[0];
}

// NaN is never better than what stands there, so it wins where it comes first alone.
template <typename T>
__global__ __launch_bounds__(kThreads) void arg_reduce(const __grid_constant__ SelectParams p,
                                                       const void* x, void* indices) {
  begin_in_chain();
  const long long line = blockIdx.x, first = p.lines.first(line);
  const auto better = [&](const Found<T>& a, const Found<T>& b) {
    if (a.value == b.value) return p.last ? a.index > b.index : a.index < b.index;
    return p.largest ? a.value > b.value : a.value < b.value;
  };
  Found<T> found{T{}, -1};
  for (long long i = threadIdx.x; i < p.lines.length; i += kThreads) {
    const Found<T> here{load_element<T>(p.x, x, first + i * p.lines.inner), i};
    if (here.value == here.value && (found.index < 0 || better(here, found))) found = here;
  }
  found = best_of_block(found, better);
  if (threadIdx.x > 0) return;
  const T start = load_element<T>(p.x, x, first);
  const bool stays = start != start || found.index < 0;
  store_element<std::int64_t>(p.indices, indices, line, stays ? 0 : found.index);
}

template <typename T>
__global__ __launch_bounds__(kThreads) void topk(const __grid_constant__ SelectParams p,
                                                 const void* x, void* values, void* indices) {
  begin_in_chain();
  const long long line = blockIdx.x, first = p.lines.first(line);
  // A strict order of all elements, by their places where they are equal.
  const auto better = [&](const Found<T>& a, const Found<T>& b) {
    if (comes_before(a.value, b.value, p.largest)) return true;
    return !comes_before(b.value, a.value, p.largest) && a.index < b.index;
  };
  const long long inner = p.lines.inner, to = line / inner * p.k * inner + line % inner;
  Found<T> last{T{}, -1};
  for (int rank = 0; rank < p.k; ++rank) {
    Found<T> found{T{}, -1};
    for (long long i = threadIdx.x; i < p.lines.length; i += kThreads) {
      const Found<T> here{load_element<T>(p.x, x, first + i * inner), i};
      if (last.index >= 0 && !better(last, here)) continue;
      if (found.index < 0 || better(here, found)) found = here;
    }
    last = best_of_block(found, better);
    if (threadIdx.x > 0) continue;
    store_element(p.values, values, to + rank * inner, last.value);
    store_element<std::int64_t>(p.indices, indices, to + rank * inner, last.index);
  }
}

LaunchShape shape_for(const SelectParams& p) {
  return {static_cast<unsigned>(p.lines.count()), kThreads};
}

}  // namespace

void launch_arg_reduce(const SelectParams& params, const void* x, void* indices,
                       cudaStream_t stream) {
  if (params.lines.count() == 0) return;
  with_arithmetic(params.arithmetic, [&](auto zero) {
    launch_chained(arg_reduce<decltype(zero)>, shape_for(params), stream, params, x, indices);
  });
}

void launch_topk(const SelectParams& params, const void* x, void* values, void* indices,
                 cudaStream_t stream) {
  if (params.lines.count() == 0 || params.k == 0) return;
  with_arithmetic(params.arithmetic, [&](auto zero) {
    launch_chained(topk<decltype(zero)>, shape_for(params), stream, params, x, values, indices);
  });
}

}  // namespace octet::cuda
