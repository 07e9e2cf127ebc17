#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<false, 3, 1, 1, 8, 1, 2, 16>(HiddenForm);

}  // namespace octet::cuda
