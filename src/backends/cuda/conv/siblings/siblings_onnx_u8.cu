#include "backends/cuda/conv/siblings/tiles.cuh"

namespace octet::cuda {

template SiblingsLaunches siblings_tiles<WgmmaRule::onnx, true, false>();

}  // namespace octet::cuda
