#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaTileLaunches gemm_tiles<WgmmaRule::onnx, WgmmaZ::none, false, false>();

}  // namespace octet::cuda
