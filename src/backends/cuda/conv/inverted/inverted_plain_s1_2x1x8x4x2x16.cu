#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<false, 2, 1, 1, 8, 4, 2, 16>(HiddenForm);

}  // namespace octet::cuda
