// A thread writes one added channel of one pixel; few values have any.
#include "backends/cuda/common/index.cuh"
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/padding.hpp"

namespace octet::cuda {
namespace {

__global__ void fill_padding(const __grid_constant__ PaddingParams p, void* y, unsigned total) {
  begin_in_chain();
  auto i = static_cast<unsigned>(element_index());
  if (i >= total) return;
  const int c = p.c + take(&i, p.padded_c - p.c);
  const int w = take(&i, p.w), h = take(&i, p.h), n = static_cast<int>(i);
  const long long at = element_offset(p.to, n, c, h, w);
  switch (p.element_bytes) {
    case 1: static_cast<signed char*>(y)[at] = static_cast<signed char>(p.fill); break;
    case 2: static_cast<short*>(y)[at] = static_cast<short>(p.fill); break;
    case 4: static_cast<int*>(y)[at] = p.fill; break;
    default: static_cast<long long*>(y)[at] = p.fill;
  }
}

}  // namespace

void launch_fill_padding(const PaddingParams& p, void* y, cudaStream_t stream) {
  const long long total = static_cast<long long>(p.n) * (p.padded_c - p.c) * p.h * p.w;
  if (total > 0)
    launch_chained(fill_padding, {element_blocks(total), kElementThreads}, stream, p, y,
                   static_cast<unsigned>(total));
}

}  // namespace octet::cuda
