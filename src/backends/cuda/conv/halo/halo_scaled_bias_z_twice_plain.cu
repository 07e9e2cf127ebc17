#include "backends/cuda/conv/halo/forms.cuh"

namespace octet::cuda {

template HaloLaunch halo_form<WgmmaRule::scaled_bias, WgmmaZ::twice, false, true>(int, ChannelRuns);

}  // namespace octet::cuda
