#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaTileLaunches gemm_tiles<WgmmaRule::integer_bias, WgmmaZ::none, false, false>();

}  // namespace octet::cuda
