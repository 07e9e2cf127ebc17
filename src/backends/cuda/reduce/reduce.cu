// One thread makes one output: it adds up its elements in row-major order, as the reference does,
// since the order of float additions is part of the result. Where the last axis is reduced,
// neighbouring threads read different rows, whose sectors L1 keeps; bound by latency where there
// are few outputs.
#include "backends/cuda/common/element.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/walk.cuh"
#include "backends/cuda/reduce/reduce.hpp"

namespace octet::cuda {
namespace {

// The fold of one output's elements: what ops/reduce_fold.hpp calls.
template <typename T>
struct Fold {
  const ReduceParams& p;
  const void* x;
  long long base;

  template <typename Step>
  __device__ T operator()(T start, const Step& step) const {
    // The innermost reduced axis is walked without divisions.
    const int outer = p.reduced.axes > 0 ? p.reduced.axes - 1 : 0;
    const long long run = p.reduced.axes > 0 ? p.reduced.extents[outer] : 1;
    const long long stride = p.reduced.axes > 0 ? p.reduced.steps[outer] : 0;
    T result = start;
    for (long long row = 0; row * run < p.members; ++row) {
      long long at = base + offset_in(p.reduced, outer, row);
      for (long long i = 0; i < run; ++i, at += stride)
        result = step(result, load_element<T>(p.x, x, at), std::size_t{0});
    }
    return result;
  }
};

template <typename T>
__global__ __launch_bounds__(kElementThreads) void reduce(const __grid_constant__ ReduceParams p,
                                                          const void* x, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  const Fold<T> fold{p, x, offset_in(p.outputs, p.outputs.axes, i)};
  T result;
  if constexpr (std::is_same_v<T, double>) {
    if (p.mode == ReduceMode::log_sum_exp) {
      const double shift = finite_shift(accumulate<double>(ReduceMode::max, fold));
      result = shift + std::log(fold(0.0, [&](double a, double v, std::size_t) {
                 return a + std::exp(v - shift);
               }));
    } else {
      result =
          finish_reduction(p.mode, accumulate<T>(p.mode, fold), static_cast<double>(p.members));
    }
  } else {
    result = finish_reduction(p.mode, accumulate<T>(p.mode, fold), static_cast<T>(p.members));
  }
  store_element(p.y, y, i, result, p.x.quantised);
}

}  // namespace

void launch_reduce(const ReduceParams& params, const void* x, void* y, cudaStream_t stream) {
  if (params.count == 0) return;
  const LaunchShape shape{element_blocks(params.count), kElementThreads};
  const auto launch = [&](auto kernel) { launch_chained(kernel, shape, stream, params, x, y); };
  switch (params.arithmetic) {
    case Arithmetic::integer: return launch(reduce<std::int64_t>);
    case Arithmetic::unsigned64: return launch(reduce<std::uint64_t>);
    default: return launch(reduce<double>);
  }
}

}  // namespace octet::cuda
