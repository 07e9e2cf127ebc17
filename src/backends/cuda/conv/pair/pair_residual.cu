#include "backends/cuda/conv/pair/instances.cuh"

namespace octet::cuda {

template PairLaunch pair_of<WgmmaZ::twice>(int tile);

}  // namespace octet::cuda
