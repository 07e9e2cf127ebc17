#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaTileLaunches gemm_tiles<WgmmaRule::onnx, WgmmaZ::twice, true, false>();

}  // namespace octet::cuda
