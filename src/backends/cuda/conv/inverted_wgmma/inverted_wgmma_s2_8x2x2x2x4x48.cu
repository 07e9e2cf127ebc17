#include "backends/cuda/conv/inverted_wgmma/inverted_wgmma.cuh"

namespace octet::cuda {

template InvertedWgmmaLaunch inverted_wgmma_instance<2, 8, 2, 2, 2, 4, 48>(HiddenForm);

}  // namespace octet::cuda
