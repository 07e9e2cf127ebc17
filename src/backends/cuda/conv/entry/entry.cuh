// A network's first layer and the block behind it in one kernel: NCHW input of up to 3 channels,
// quantised on the way in, a 3x3 convolution of stride 2 to up to 32 channels + ReLU, a depthwise
// 3x3 convolution + ReLU and a 1x1 convolution to up to 16 channels; NHWC out. The map between them
// never leaves the multiprocessor.
//
// A block of threads walks down an image, or a part of one, by lines of two rows of the hidden map:
//
//   x --cp.async, a step ahead--> four rows as they came
//     --a thread four pixels: quantise--> rows of pixels, 4 bytes each (3 channels and any byte)
//     --mma 16 columns x 8 x 48 (3 rows x 4 pixels x 4)--> sums --epilogue--> line of the hidden
//     map
//     --mma 16 columns x 8 x 32, 3x, mma 16 x 16 x 32--> sums --epilogue--> y
//
//   step i | rows of line i are quantised | line i - 1 is made of them | lines i - 3 and i - 2
//                                                                      | are reduced to two rows of
//                                                                      y
//
// Every warp has a share of all three, and one barrier ends a step. Lines are as inverted.cuh has
// them, but that each begins and ends with a column of zeros of its own: three places are taken in
// turns.
//
// Of the left operand of the first product a thread reads whole words: word q of column `ow` is
// pixel 2 * ow - 1 + q, the filter is zero for the one of four pixels that a row of it does not
// see, and so is its fourth byte. No image is copied in another order. Two rows of the hidden map
// share one of the five that they read.
//
//   shared memory: | lines: plane of 8 channels, place | rows of pixels: place, 4 | four rows as
//                  they came: channel | packed filters and constants |
#pragma once

#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/entry/expand.cuh"
#include "backends/cuda/conv/entry/produce.cuh"
#include "backends/cuda/conv/inverted/output.cuh"
#include "backends/cuda/conv/inverted/reduce.cuh"

namespace octet::cuda {

// From two lines of the hidden map, which lie at `place` and `next`, to two rows of the image at y.
// A warp has 16 columns.
template <typename G>
__device__ __forceinline__ void reduce_line(const EntryParams& p, const EntryShared<G>& shared,
                                            const Reducer<G>& reducer, int line, int place,
                                            int next, std::int8_t* y) {
  const InvertedParams& block = p.block;
  const int lane = shared.lane, first = shared.warp * 16;
  const int of_line = (lane < 16 ? place : next) * block.pitch;
  InvertedSums<G> sums = {};
  reducer.template run_from<1>(shared.base + (of_line + first + (lane & 15)) * 16, true, sums);
  InvertedPixels<G> pixels;
#pragma unroll
  for (int half = 0; half < 2; ++half)
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      const int column = first + (lane >> 2) + half * 8, row = 2 * line + r;
      pixels[half][r] =
          column < block.ow && row < block.oh ? (row * block.ow + column) * block.out_channels : -1;
    }
  finish_by_form<InvertedForm<WgmmaZ::none>>(block.project, [&]<Finish kFinish>() {
    finish_unit<G, WgmmaZ::none, kFinish>(
        block, shared, pixels, sums[0], nullptr,
        [&](int at, std::uint32_t word) { *reinterpret_cast<std::uint32_t*>(y + at) = word; });
  });
}

template <typename G>
__global__ __launch_bounds__(G::kThreads,
                             G::kShape.blocks) void entry(const __grid_constant__ EntryParams p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800  // older devices never get this: see rows.cpp
  const EntryShared<G> shared;
  const EntrySegment segment(p);
  const EntryProducer<G> producer(p, shared, segment);
  fetch_piece<G>(p.block, shared, 0, 0);
  clear_beside(p, shared);
  begin_in_chain();
  producer.copy(segment.first - 1);
  wait_copies<1>();
  __syncthreads();
  const EntryExpander<G> expander(p, shared);
  const Reducer<G> reducer(p.block, shared, InvertedPiece<G>(p.block, shared.piece(p.block, 0)),
                           shared.base);
  const InvertedParams& block = p.block;
  std::int8_t* const y =
      block.y + static_cast<long long>(segment.image) * block.oh * block.ow * block.out_channels;
  // Line i and group i have the same place: of step i, of those before.
  int of[4] = {0, 2, 1, 0};
#pragma unroll 1
  for (int i = segment.first - 1; i < segment.last + 3; ++i) {
    if (i <= segment.last) {
      producer.write(i, of[0]);
      if (i < segment.last) producer.copy(i + 1);
    }
    if (shared.warp < p.units) {
      if (i > segment.first && i - 1 <= segment.last) expander.run(i - 1, of[1], of[2], of[1]);
      if (i - 3 >= segment.first) reduce_line(p, shared, reducer, i - 3, of[3], of[2], y);
    }
    __syncthreads();
#pragma unroll
    for (int k = 3; k > 0; --k) of[k] = of[k - 1];
    of[0] = next_of_three(of[0]);
  }
#endif
}

template <typename G>
void launch_entry(const EntryParams& params, int images, int most_shared_bytes,
                  cudaStream_t stream) {
  const auto kernel = entry<G>;
  // Always the same, since another thread may launch it for another problem meanwhile.
  cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, most_shared_bytes);
  launch_chained(kernel,
                 {static_cast<unsigned>(images * params.blocks), static_cast<unsigned>(G::kThreads),
                  static_cast<std::size_t>(params.block.shared_bytes)},
                 stream, params);
}

template <StemInput Input, int Blocks, int Warps>
EntryLaunch entry_instance(HiddenForm form) {
  using enum HiddenForm;
  return form == bits ? launch_entry<Entry<bits, Input, Blocks, Warps>>
                      : launch_entry<Entry<canonical, Input, Blocks, Warps>>;
}

}  // namespace octet::cuda
