// On the emulated device a kernel begins when its predecessor has ended.
#pragma once

namespace octet::cuda {

inline void wait_for_earlier_kernels() {}
inline void allow_next_kernel() {}

}  // namespace octet::cuda
