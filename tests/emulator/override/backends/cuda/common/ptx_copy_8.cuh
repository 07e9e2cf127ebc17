// The emulated copy of 8 bytes; see the header of the same name under src.
#pragma once

#include "backends/cuda/common/ptx_mma.cuh"

namespace octet::cuda {

inline void copy_async_8(std::uint32_t to, const void* from) { copy_async<8>(to, from); }

}  // namespace octet::cuda
