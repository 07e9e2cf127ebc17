#include "backends/cuda/conv/inverted/inverted.cuh"

namespace octet::cuda {

template InvertedLaunch inverted_instance<true, 1, 1, 1, 16, 1, 1, 96>(HiddenForm);

}  // namespace octet::cuda
