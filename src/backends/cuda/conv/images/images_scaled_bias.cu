#include "backends/cuda/conv/images/forms.cuh"

namespace octet::cuda {

template ImagesLaunch images_form<WgmmaRule::scaled_bias, WgmmaZ::none, false>(int tile);

}  // namespace octet::cuda
