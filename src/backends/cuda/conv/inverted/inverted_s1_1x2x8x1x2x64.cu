#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 1, 1, 2, 8, 1, 2, 64>(HiddenForm);

}  // namespace octet::cuda
