#include "backends/cuda/conv/halo/forms.cuh"

namespace octet::cuda {

template HaloLaunch halo_form<WgmmaRule::onnx, WgmmaZ::none, false, false>(int, ChannelRuns);

}  // namespace octet::cuda
