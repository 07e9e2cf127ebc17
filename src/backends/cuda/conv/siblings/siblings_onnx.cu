#include "backends/cuda/conv/siblings/tiles.cuh"

namespace octet::cuda {

template SiblingsLaunches siblings_tiles<WgmmaRule::onnx, false, false>();

}  // namespace octet::cuda
