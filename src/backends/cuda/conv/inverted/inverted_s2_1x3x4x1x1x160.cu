#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 1, 2, 3, 4, 1, 1, 160>(HiddenForm);

}  // namespace octet::cuda
