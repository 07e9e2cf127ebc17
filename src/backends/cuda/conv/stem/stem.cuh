// The first layer in one kernel (Hopper): NCHW input of up to 3 channels, quantised on the way in,
// a convolution of stride 2 to up to 64 channels, and its 3x3 stride 2 max pool; NHWC, NCHW32,
// NCHW4 or CHWN4 bytes out.
//
//   4 producer warps                       4 consumer warps (a warpgroup)
//   +---------------------------+  ring    +------------------------------------------------+
//   | TMA brings 4 rows of x;   | of rows  | wgmma, 64 channels x 112 pixels, twice: the    |
//   | a warp takes a row each:  | =======> | convolution rows 2p and 2p + 1 in registers;   |
//   | quantise, shuffle into    | kSlots   | max over 3x3 with what is left of row 2p - 1;  |
//   | runs of 16 bytes          | groups   | epilogue; stmatrix; TMA store                  |
//   +---------------------------+ of 4     +------------------------------------------------+
//
// Such a pair walks down a strip of an image, so that each row of x is read once and each row of
// the convolution is computed once. Two pairs share a block: one multiplies while the other pools.
//
// Shared memory holds a row of x as runs of five neighbouring pixels: the 16 bytes of column `ow`
// are the pixels 2ow-3 .. 2ow+1 (bytes 4c+i: pixel 2ow-2+i of channel c; bytes 12+c: pixel 2ow-3).
// The taps of one filter row are K = 32: those 16 bytes and the 16 bytes of column ow + 2, so the
// matrix product needs no im2col. Column ow = 28q + 2j + e lies at 128j + 32q + 16e: then the sums
// of a thread are 28 neighbouring columns of two channels, and pooling needs one shuffle per row.
//
//   quarter q of the columns:   0       1       2       3
//   group of 8 rows j = 0      |0  1   |28 29  |56 57  |84 85  |   128 bytes
//                   j = 1      |2  3   |30 31  |58 59  |86 87  |
//                   ...
//                   j = 13     |26 27  |54 55  |82 83  |110 111|
//                   j = 14     |28 29  |56 57  |84 85  |112 113|   only as column ow + 2
//
// The maximum is taken of sums: the epilogue is monotone, so pooling first gives the same bits and
// leaves a quarter of the epilogue's work. 7x7: bound by wgmma (K = 224 for 147 taps) and, with f32
// input, nearly as much by memory.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/stem/consume.cuh"
#include "backends/cuda/conv/stem/produce.cuh"

namespace octet::cuda {

template <typename G>
__global__ __launch_bounds__(G::kThreads, 1) void stem(const __grid_constant__ StemParams p,
                                                       const __grid_constant__ CUtensorMap x,
                                                       const __grid_constant__ CUtensorMap y) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  std::uint8_t* const raw = dynamic_shared_memory();
  const int tid = static_cast<int>(threadIdx.x);
  const int group = warpgroup(), pair = group % 2;
  const StemShared<G> shared{((smem_address(raw) + 511) & ~511u) + pair * G::kPairBytes};
  if (tid % 128 == 0 && group < G::kPairs) {
    prefetch_map(&x);
    prefetch_map(&y);
    for (int i = 0; i < G::kSlots; ++i) {
      barrier_init(shared.full(i), 4);   // one arrival per producer warp
      barrier_init(shared.empty(i), 4);  // and per consumer warp
    }
    for (int i = 0; i < G::kAhead; ++i) {
      barrier_init(shared.raw_full(i), 1);
      barrier_init(shared.raw_empty(i), 4);
    }
  }
  fence_async_proxy();
  __syncthreads();
  allow_next_kernel();
  wait_for_earlier_kernels();
  if (group >= G::kPairs) {
    release_registers<G::kProducerRegisters>();
    produce<G>(p, x, shared, StemRange(p, pair), tid / 32 % 4, tid % 32);
  } else {
    take_registers<G::kConsumerRegisters>();
    consume<G>(p, y, shared, pair);
  }
#endif
}

template <typename G>
void launch_stem(const StemParams& params, const CUtensorMap& x, const CUtensorMap& y,
                 cudaStream_t stream) {
  const auto kernel = stem<G>;
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, G::kSharedBytes);
  const int block = G::kPairs * params.units_per_pair;
  const int blocks = (params.units + block - 1) / block;
  launch_chained(kernel, {static_cast<unsigned>(blocks), G::kThreads, G::kSharedBytes}, stream,
                 params, x, y);
}

}  // namespace octet::cuda
