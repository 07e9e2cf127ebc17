#include "backends/cuda/conv/inverted_wgmma/inverted_wgmma.cuh"

namespace octet::cuda {

template InvertedWgmmaLaunch inverted_wgmma_instance<1, 8, 2, 1, 1, 4, 80>(HiddenForm);

}  // namespace octet::cuda
