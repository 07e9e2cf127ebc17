#include "backends/cuda/conv/inverted_wgmma/inverted_wgmma.cuh"

namespace octet::cuda {

template InvertedWgmmaLaunch inverted_wgmma_instance<1, 16, 1, 2, 1, 1, 64>(HiddenForm);

}  // namespace octet::cuda
