// Convolutions on Hopper's wgmma whose input lies in a layout that the copy engine cannot bring:
// NCHW4, CHWN4 and NCHW32. A warpgroup gathers it instead.
#pragma once

#include <cuda_runtime.h>

#include "backends/cuda/conv/mma/implicit_gemm.hpp"

namespace octet::cuda {

inline constexpr int kGatherM = 128;  // output pixels of a tile
inline constexpr int kGatherK = 128;  // bytes of K of a stage

// The numbers are those of the mma kernels, with k_tiles in units of kGatherK.
using GatherConvLaunch = void (*)(const ImplicitGemmParams& params, const void* x, const void* w,
                                  const void* z, void* y, int multiprocessors, cudaStream_t stream);

// The compiled kernel for 64 or 128 output channels a tile.
template <Loader L>
GatherConvLaunch gather_conv(int tile_n);

}  // namespace octet::cuda
