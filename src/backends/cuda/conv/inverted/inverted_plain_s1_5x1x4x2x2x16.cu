#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<false, 5, 1, 1, 4, 2, 2, 16>(HiddenForm);

}  // namespace octet::cuda
