#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 2, 2, 1, 8, 2, 1, 24>(HiddenForm);

}  // namespace octet::cuda
