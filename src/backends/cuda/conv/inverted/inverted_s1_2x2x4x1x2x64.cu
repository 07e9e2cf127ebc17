#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 2, 1, 2, 4, 1, 2, 64>(HiddenForm);

}  // namespace octet::cuda
