#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaTileLaunches gemm_tiles<WgmmaRule::integer_bias, WgmmaZ::once, false, true>();

}  // namespace octet::cuda
