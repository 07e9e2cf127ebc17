// Emulated products of other numbers of columns; see the header of the same name under src.
#pragma once

#include "backends/cuda/common/ptx_wgmma.cuh"

namespace octet::cuda {

template <int N>
using WgmmaColumns = Wgmma<N, false>;

}  // namespace octet::cuda
