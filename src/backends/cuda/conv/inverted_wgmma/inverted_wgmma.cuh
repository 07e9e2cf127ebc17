// An inverted residual block in one kernel on Hopper, NHWC: 1x1 expand + ReLU, depthwise 3x3 of
// stride 1 or 2 + ReLU, 1x1 project, residual. For maps small enough that a block of threads has
// whole images, or many rows of one: the hidden channels pass through it in chunks.
//
//   input tile   --wgmma 64 channels x pixels x K-->   sums --bits, stmatrix--> hidden tile
//   hidden tile  --mma 16 positions x 8 x 32, 3x-->    sums --bits, stmatrix--> operand
//   operand      --wgmma 64 positions x N x chunk-->   added to the sums of the output channels
//
//   step i:  start operand i-1 * third filter, input * first filter of chunk i+1   (two wgmma)
//            depthwise of chunk i meanwhile                                        (mma.sync)
//            hidden tile of chunk i+1 from the sums;  one barrier
//
//   shared memory, all without swizzle, in runs of 16 bytes:
//   | hidden tiles, two: plane of 8 channels | operands, two: pair of planes | planes of 16 input |
//   | [place of a column's two rows]         | [position]                    | channels           |
//   | packed filters of two chunks: expand, depthwise, project | places of columns | barriers     |
//
// Rows of the hidden map lie in pairs. A line is rows 2i and 2i + 1 of the image, and the 16 bytes
// of a column are 8 channels with both rows each, next to each other. The input tile has the rows
// of a column next to each other as well, so that a thread's sums of the first product are what
// stmatrix wants. Two lines are K = 32 of the depthwise product, whose filter is zero but where
// channels are the same:
//
//   line i - 1  | rows 2i - 2, 2i - 1 |   gives output rows 2i - 1 and 2i: with stride 1 lines lie
//   line i      | rows 2i,     2i + 1 |   a row apart from pairs of output rows
//
// With stride 2 it gives output row i, and even and odd columns lie apart, so that neighbouring
// positions are neighbours for every tap.
//
// Against inverted/, whose warps do everything by themselves: products of the first and the third
// step take their operands from shared memory without instructions, and a warp keeps to few hidden
// channels, so that it needs few constants. What bounds it is instructions: about three for each
// value of the hidden map before the depthwise step and four behind it.
#pragma once

#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/inverted_wgmma/depthwise.cuh"
#include "backends/cuda/conv/inverted_wgmma/expand.cuh"
#include "backends/cuda/conv/inverted_wgmma/project.cuh"

namespace octet::cuda {

// Starts what the sums of the output channels meet on its way: it depends on no earlier kernel.
template <typename G>
__device__ __forceinline__ void fetch_constants(const InvertedWgmmaParams& p,
                                                const InvertedWgmmaShared<G>& shared) {
  constexpr int kChannels = G::kShape.out_channels();
  for (int i = static_cast<int>(threadIdx.x); i < 2 * kChannels; i += G::kThreads) {
    const void* const from = i < kChannels ? static_cast<const void*>(p.project.m + i)
                                           : p.project.bias + (i - kChannels);
    copy_async<4>(shared.constants(p) + 4 * i, from);
  }
}

// The hidden channels of a chunk, whose first products are there.
template <typename G>
__device__ __forceinline__ void finish_expansion(const SlabExpander<G>& expander,
                                                 typename SlabExpander<G>::Sums& sums, int chunk) {
  expander.store(sums, chunk, 0);
#pragma unroll
  for (int product = 1; product < G::kProducts; ++product) {
    expander.multiply(sums, chunk, product);
    wgmma_wait<0>();
    expander.store(sums, chunk, product);
  }
}

template <typename G>
__device__ __forceinline__ void run_block(const InvertedWgmmaParams& p,
                                          const InvertedWgmmaShared<G>& shared) {
  const SlabExpander<G> expander(p, shared);
  Projector<G> projector(p, shared);
  // Step -1 expands the first chunk. What is multiplied by the third filter before there is an
  // operand is thrown away: a branch would keep products from running under the depthwise step.
#pragma unroll 1
  for (int i = -1; i < p.chunks; ++i) {
    wait_batch(p, shared, i - 1);
    if (i >= 0 && warp_of_block() == 0 && elected()) fetch_batch(p, shared, i);
    projector.multiply(i - 1);
    const bool expands = i + 1 < p.chunks;
    typename SlabExpander<G>::Sums sums;
    if (expands) expander.multiply(sums, i + 1, 0);
    if (i >= 0) PlaneConvolver<G>(p, shared.renewed()).run(i);
    wgmma_wait<0>();
    if (expands) finish_expansion<G>(expander, sums, i + 1);
    fence_async_proxy();
    __syncthreads();
  }
  const InvertedWgmmaTile<G> tile(p);
  projector.fetch_residual(tile);
  wait_batch(p, shared, p.chunks - 1);
  projector.multiply(p.chunks - 1);
  wgmma_wait<0>();
  wait_copies<0>();
  __syncthreads();
  projector.write(tile);
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             1) void inverted_wgmma(const __grid_constant__ InvertedWgmmaParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  const InvertedWgmmaShared<G> shared;
  const InvertedWgmmaTile<G> tile(p);
  if (threadIdx.x == 0) {
    for (int batch = 0; batch < 2; ++batch) barrier_init(shared.barrier(p, batch), 1);
    fence_async_proxy();
    // The filters depend on no earlier kernel.
    for (int batch = -2; batch < 0; ++batch) fetch_batch(p, shared, batch);
  }
  clear_hidden(p, shared);
  fill_places(p, shared, tile);
  fetch_constants(p, shared);
  begin_in_chain();
  fetch_input(p, shared, tile);
  wait_copies<0>();
  fence_async_proxy();
  __syncthreads();
  run_block<G>(p, shared);
#endif
}

template <typename G>
void launch_inverted_wgmma(const InvertedWgmmaParams& params, int images, cudaStream_t stream) {
  launch_pipeline(inverted_wgmma<G>,
                  {static_cast<unsigned>(images * params.tiles), static_cast<unsigned>(G::kThreads),
                   static_cast<std::size_t>(params.shared_bytes)},
                  stream, params);
}

template <int Stride, int Columns, int Slabs, int Strips, int Products, int Parts, int N>
InvertedWgmmaLaunch inverted_wgmma_instance(HiddenForm form) {
  using enum HiddenForm;
  return form == bits
             ? launch_inverted_wgmma<
                   InvertedWgmma<bits, Stride, Columns, Slabs, Strips, Products, Parts, N>>
             : launch_inverted_wgmma<
                   InvertedWgmma<canonical, Stride, Columns, Slabs, Strips, Products, Parts, N>>;
}

}  // namespace octet::cuda
