#include "backends/cuda/conv/pair/instances.cuh"

namespace octet::cuda {

template PairLaunch pair_of<WgmmaZ::none>(int tile);

}  // namespace octet::cuda
