#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaConvLaunch im2col_tile<WgmmaRule::scaled_bias, WgmmaZ::none, false, true>(
    const WgmmaTile&);

}  // namespace octet::cuda
