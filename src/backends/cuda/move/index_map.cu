// A thread makes one output element: it reads four bytes of map and one element from anywhere.
// Bound by memory: the map alone costs four times what bytes cost. Hot shapes deserve kernels of
// their own.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/move/index_map.hpp"

namespace octet::cuda {
namespace {

template <typename T>
__global__ void index_map(const __grid_constant__ IndexMapParams p, T* output) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.outputs) return;
  const int index = p.map[i] - 1;
  if (index < 0) {
    output[i] = static_cast<T>(p.fill);
    return;
  }
  int input = 0;
  while (index >= p.begin[input + 1]) ++input;
  output[i] = static_cast<const T*>(p.inputs[input])[index - p.begin[input]];
}

template <typename T>
void launch(const IndexMapParams& params, void* output, cudaStream_t stream) {
  launch_chained(index_map<T>, {element_blocks(params.outputs), kElementThreads}, stream, params,
                 static_cast<T*>(output));
}

}  // namespace

void launch_index_map(const IndexMapParams& params, void* output, cudaStream_t stream) {
  if (params.outputs == 0) return;
  switch (params.element_bytes) {
    case 1: return launch<unsigned char>(params, output, stream);
    case 2: return launch<unsigned short>(params, output, stream);
    case 4: return launch<unsigned int>(params, output, stream);
    default: return launch<unsigned long long>(params, output, stream);
  }
}

}  // namespace octet::cuda
