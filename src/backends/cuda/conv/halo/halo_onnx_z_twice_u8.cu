#include "backends/cuda/conv/halo/forms.cuh"

namespace octet::cuda {

template HaloLaunch halo_form<WgmmaRule::onnx, WgmmaZ::twice, true, false>(int, ChannelRuns);

}  // namespace octet::cuda
