#include "backends/cuda/conv/diagonal/diagonal.cuh"

namespace octet::cuda {

template DiagonalLaunch diagonal_instance<0>(const WgmmaForm&);

}  // namespace octet::cuda
