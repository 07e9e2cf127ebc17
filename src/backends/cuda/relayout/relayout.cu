// One thread moves one element of the output; the output is walked in its own memory order so that
// writes are coalesced. Bound by memory, and by uncoalesced reads where the orders differ.
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/relayout/relayout.hpp"

namespace octet::cuda {
namespace {

constexpr int kThreads = 256;

__device__ long long at(const Strides& s, int n, int c, int h, int w) {
  return n * s.n + (c / s.vector) * s.c + h * s.h + w * s.w + c % s.vector;
}

// Splits a position in the output's memory into (n, c, h, w).
__device__ void locate(const RelayoutParams& p, long long index, int (&position)[4]) {
  const int extents[4] = {p.n, p.padded_c / p.to.vector, p.h, p.w};
  const int lane = static_cast<int>(index % p.to.vector);
  index /= p.to.vector;
  for (int i = 3; i >= 0; --i) {
    const int axis = p.order[i];
    position[axis] = static_cast<int>(index % extents[axis]);
    index /= extents[axis];
  }
  position[1] = position[1] * p.to.vector + lane;
}

template <typename T>
__global__ void relayout(RelayoutParams p, const T* from, T* to, long long total) {
  begin_in_chain();
  const long long index = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  int o[4];
  locate(p, index, o);
  to[index] = o[1] < p.c ? from[at(p.from, o[0], o[1], o[2], o[3])] : static_cast<T>(p.fill);
}

template <typename T>
void launch(const RelayoutParams& p, const void* from, void* to, cudaStream_t stream) {
  const long long total = static_cast<long long>(p.n) * p.padded_c * p.h * p.w;
  if (total == 0) return;
  const auto blocks = static_cast<unsigned>((total + kThreads - 1) / kThreads);
  launch_chained(relayout<T>, {blocks, kThreads}, stream, p, static_cast<const T*>(from),
                 static_cast<T*>(to), total);
}

}  // namespace

void launch_relayout(const RelayoutParams& params, const void* from, void* to,
                     cudaStream_t stream) {
  switch (params.element_bytes) {
    case 1: return launch<unsigned char>(params, from, to, stream);
    case 2: return launch<unsigned short>(params, from, to, stream);
    case 4: return launch<unsigned int>(params, from, to, stream);
    default: return launch<unsigned long long>(params, from, to, stream);
  }
}

}  // namespace octet::cuda
