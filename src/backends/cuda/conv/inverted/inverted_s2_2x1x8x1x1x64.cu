#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 2, 2, 1, 8, 1, 1, 64>(HiddenForm);

}  // namespace octet::cuda
