#include "backends/cuda/conv/mma/tiles.cuh"

namespace octet::cuda {

template ImplicitGemmVariants compiled_tiles<Loader::images, false>();

}  // namespace octet::cuda
