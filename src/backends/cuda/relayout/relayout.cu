// One thread moves one element, or one vector of channels, of the output; the output is walked in
// its own memory order so that writes are coalesced. Bound by memory; reads in another order share
// their sectors with neighbouring warps in L1.
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/relayout/relayout.hpp"

#include "backends/cuda/common/index.cuh"

namespace octet::cuda {
namespace {

constexpr int kThreads = 256;

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
  to[index] =
      o[1] < p.c ? from[element_offset(p.from, o[0], o[1], o[2], o[3])] : static_cast<T>(p.fill);
}

template <typename T>
void launch(const RelayoutParams& p, const void* from, void* to, cudaStream_t stream) {
  const long long total = static_cast<long long>(p.n) * p.padded_c * p.h * p.w;
  if (total == 0) return;
  const auto blocks = static_cast<unsigned>((total + kThreads - 1) / kThreads);
  launch_chained(relayout<T>, {blocks, kThreads}, stream, p, static_cast<const T*>(from),
                 static_cast<T*>(to), total);
}

template <typename Vector>
__global__ __launch_bounds__(kThreads) void vector_relayout(
    const __grid_constant__ VectorRelayoutParams p, const std::int8_t* from, std::int8_t* to,
    unsigned total) {
  begin_in_chain();
  unsigned index = blockIdx.x * kThreads + threadIdx.x;
  if (index >= total) return;
  int vector = take(&index, p.inside), n = 0;
  if (p.images_inside) n = take(&index, p.n);
  const int w = take(&index, p.w), h = take(&index, p.h);
  vector += take(&index, p.vectors / p.inside) * p.inside;
  if (!p.images_inside) n = static_cast<int>(index);
  const int channel = vector * static_cast<int>(sizeof(Vector));
  Vector value;
  for (std::size_t i = 0; i < sizeof(Vector) / 4; ++i)
    reinterpret_cast<unsigned*>(&value)[i] = p.fill;
  if (vector < p.from_vectors)
    value = __ldg(reinterpret_cast<const Vector*>(from + element_offset(p.from, n, channel, h, w)));
  *reinterpret_cast<Vector*>(to + element_offset(p.to, n, channel, h, w)) = value;
}

}  // namespace

void launch_vector_relayout(const VectorRelayoutParams& p, const void* from, void* to,
                            cudaStream_t stream) {
  const long long total = static_cast<long long>(p.n) * p.vectors * p.h * p.w;
  if (total == 0) return;
  const auto kernel = p.bytes == 16 ? vector_relayout<uint4> : vector_relayout<unsigned>;
  launch_chained(kernel, {static_cast<unsigned>((total + kThreads - 1) / kThreads), kThreads},
                 stream, p, static_cast<const std::int8_t*>(from), static_cast<std::int8_t*>(to),
                 static_cast<unsigned>(total));
}

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
