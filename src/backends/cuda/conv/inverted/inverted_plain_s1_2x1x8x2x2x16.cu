#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<false, 2, 1, 1, 8, 2, 2, 16>(HiddenForm);

}  // namespace octet::cuda
