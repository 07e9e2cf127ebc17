#include "backends/cuda/conv/siblings/tiles.cuh"

namespace octet::cuda {

template SiblingsLaunches siblings_tiles<WgmmaRule::scaled_bias, false, true>();

}  // namespace octet::cuda
