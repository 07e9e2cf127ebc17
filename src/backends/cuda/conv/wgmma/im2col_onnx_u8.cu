#include "backends/cuda/conv/wgmma/tiles.cuh"

namespace octet::cuda {

template WgmmaConvLaunch im2col_tile<WgmmaRule::onnx, WgmmaZ::none, true, false>(const WgmmaTile&);

}  // namespace octet::cuda
