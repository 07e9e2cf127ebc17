#include "backends/cuda/conv/images/forms.cuh"

namespace octet::cuda {

template ImagesLaunch images_form<WgmmaRule::integer_bias, WgmmaZ::none, true>(int tile);

}  // namespace octet::cuda
