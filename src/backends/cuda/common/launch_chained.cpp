#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

bool launches_in_chains();  // launch_chained.cuh, which is for device code

bool launches_in_chains() { return device().capability() >= 90; }

}  // namespace octet::cuda
