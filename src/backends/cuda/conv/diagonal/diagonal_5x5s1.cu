#include "backends/cuda/conv/diagonal/diagonal.cuh"

namespace octet::cuda {

template DiagonalLaunch diagonal_instance<2>(const WgmmaForm&);

}  // namespace octet::cuda
