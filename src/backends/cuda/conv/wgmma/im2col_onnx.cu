#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaConvLaunch im2col_tile<WgmmaRule::onnx, WgmmaZ::none, false, false>(const WgmmaTile&);

}  // namespace octet::cuda
