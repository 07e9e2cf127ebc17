#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaTileLaunches gemm_tiles<WgmmaRule::scaled_bias, WgmmaZ::twice, false, false>();

}  // namespace octet::cuda
