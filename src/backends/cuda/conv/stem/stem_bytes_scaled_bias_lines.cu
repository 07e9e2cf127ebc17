#include "backends/cuda/conv/stem/instances.cuh"

namespace octet::cuda {

template StemKernel stem_instance<StemInput::bytes, false, WgmmaRule::scaled_bias, true>(int, bool);

}  // namespace octet::cuda
