// One thread converts one element by the reference's own step (ops/convert_step.hpp). Bound by
// memory, and by the choice of the types, which is the same for all threads.
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/convert/any.hpp"
#include "ops/elements.hpp"

namespace octet::cuda {
namespace {

struct Place {
  long long x, y;
  int channel;
};

__device__ Place place_of(const ConvertAnyParams& p, long long i) {
  if (p.alike) return {i, i, static_cast<int>(i / p.rows.inner % p.rows.channels)};
  int at[4];
  at[3] = static_cast<int>(i % p.w), i /= p.w;
  at[2] = static_cast<int>(i % p.h), i /= p.h;
  at[1] = static_cast<int>(i % p.c);
  at[0] = static_cast<int>(i / p.c);
  int channel = 0;
  for (int axis = 0; axis < 4; ++axis)
    if (axis == p.axis) channel = at[axis];
  return {element_offset(p.x, at[0], at[1], at[2], at[3]),
          element_offset(p.y, at[0], at[1], at[2], at[3]), channel};
}

__global__ __launch_bounds__(kElementThreads) void convert_any(
    const __grid_constant__ ConvertAnyParams p, const void* x, void* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  const Place at = place_of(p, i);
  const ConvertStep& step = p.steps[at.channel];
  const float v = with_storage(p.from, [&]<typename X>(std::type_identity<X>) {
    return step.real(static_cast<float>(static_cast<const X*>(x)[at.x]));
  });
  with_storage(p.to, [&]<typename Y>(std::type_identity<Y>) {
    Y* const to = static_cast<Y*>(y) + at.y;
    if constexpr (std::is_integral_v<Y>) {
      if (step.quantises) {
        *to = static_cast<Y>(step.quantiser(v));
        return;
      }
    }
    *to = from_real<Y>(static_cast<double>(v), p.to);
  });
}

}  // namespace

void launch_convert_any(const ConvertAnyParams& params, const void* x, void* y,
                        cudaStream_t stream) {
  if (params.count > 0)
    launch_chained(convert_any, {element_blocks(params.count), kElementThreads}, stream, params, x,
                   y);
}

}  // namespace octet::cuda
