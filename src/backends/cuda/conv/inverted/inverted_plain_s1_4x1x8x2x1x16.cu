#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<false, 4, 1, 1, 8, 2, 1, 16>(HiddenForm);

}  // namespace octet::cuda
