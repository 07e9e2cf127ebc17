#include "backends/cuda/conv/diagonal/diagonal.cuh"

namespace octet::cuda {

template DiagonalLaunch diagonal_instance<3>(const WgmmaForm&);

}  // namespace octet::cuda
