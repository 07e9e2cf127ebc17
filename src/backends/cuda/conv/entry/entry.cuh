// A network's first layer and the block behind it in one kernel: NCHW input of up to 3 channels,
// quantised on the way in, a 3x3 convolution of stride 2 to up to 32 channels + ReLU, a depthwise
// 3x3 convolution + ReLU and a 1x1 convolution to up to 16 channels; NHWC out. The map between them
// never leaves the multiprocessor.
//
// A block of threads walks down an image, or a part of one, by lines of two rows of the hidden map:
//
//   x --cp.async, a step ahead--> four rows as they came
//     --a thread four pixels: quantise--> pixels of 4 bytes: 3 channels and any byte
//     --mma 16 columns x 8 x 48 (3 rows x 4 pixels x 4)--> sums --epilogue--> hidden line
//     --mma 16 columns x 8 x 32, 3x, mma 16 x 16 x 32--> sums --epilogue--> y
//
//   step i | the rows of line i are quantised | line i - 1 is made of those before
//          | lines i - 3 and i - 2 are reduced to two rows of y
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

#include "backends/cuda/common/launch_limited.cuh"
#include "backends/cuda/conv/entry/expand.cuh"
#include "backends/cuda/conv/entry/produce.cuh"
#include "backends/cuda/conv/inverted/output.cuh"
#include "backends/cuda/conv/inverted/reduce.cuh"

namespace octet::cuda {

// Which bytes of an image of y a lane has sums of: of a unit's columns those at `column` and 8
// further on, of both rows of a line.
template <typename G>
__device__ __forceinline__ void find_line_pixels(const InvertedParams& block, int line, int column,
                                                 PositionPixels<G::kRows>& pixels) {
  const int first = (2 * line * block.ow + column) * block.out_channels;
  const bool has_below = 2 * line + 1 < block.oh;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int at = first + half * 8 * block.out_channels;
    const bool has_column = column + half * 8 < block.ow;
    pixels[half][0] = has_column ? at : -1;
    pixels[half][1] = has_column && has_below ? at + block.ow * block.out_channels : -1;
  }
}

// From two lines of the hidden map, which lie at `place` and `next`, to two rows of y: so many
// units of 16 columns.
template <typename G, int kCount>
__device__ __forceinline__ void reduce_line(const EntryParams& p, const EntryShared<G>& shared,
                                            const Reducer<G>& reducer, int line, int place,
                                            int next) {
  const InvertedParams& block = p.block;
  std::int8_t* const y =
      block.y + static_cast<long long>(blockIdx.y) * block.oh * block.ow * block.out_channels;
  const int lane = shared.lane, first = shared.warp * 16;
  const int of_line = (lane < 16 ? place : next) * block.pitch;
  int sums[kCount][2][2][4] = {};
  reducer.template run_from<kCount>(shared.base + (of_line + first + (lane & 15)) * 16, true, sums);
  finish_by_form<InvertedForm<WgmmaZ::none>>(block.project, [&]<Finish kFinish>() {
#pragma unroll
    for (int unit = 0; unit < kCount; ++unit) {
      PositionPixels<G::kRows> pixels;
      find_line_pixels<G>(block, line, first + unit * G::kWarps * 16 + (lane >> 2), pixels);
      finish_unit<WgmmaZ::none, kFinish>(
          block, pixels, sums[unit], nullptr,
          [&](int at, std::uint32_t word) { *reinterpret_cast<std::uint32_t*>(y + at) = word; });
    }
  });
}

// What a warp does of a step, of its kCount units: the rows of this step's line are written, the
// line before is made of its rows, the two before that are reduced. This step's line and its group
// are at `place`.
template <typename G, int kCount>
__device__ __forceinline__ void work_on(const EntryParams& p, const EntryShared<G>& shared,
                                        const EntrySegment& segment,
                                        const EntryProducer<G>& producer,
                                        const EntryExpander<G>& expander, const Reducer<G>& reducer,
                                        int step, int place) {
  if (step <= segment.last) {
    producer.template write<kCount>(step, place);
    if (step < segment.last) producer.copy(step + 1);
  }
  const int two_before = next_place(place), before = next_place(two_before);
  if (step > segment.first && step - 1 <= segment.last)
    expander.template run<kCount>(step - 1, before, two_before);
  if (step - 3 >= segment.first)
    reduce_line<G, kCount>(p, shared, reducer, step - 3, place, two_before);
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
  producer.template copy<true>(segment.first - 1);
  wait_copies<1>();
  __syncthreads();
  const EntryExpander<G> expander(p, shared);
  const Reducer<G> reducer(p.block, shared, InvertedPiece<G>(p.block, shared.piece(p.block, 0)),
                           shared.base);
  int place = 0;
#pragma unroll 1
  for (int i = segment.first - 1; i < segment.last + 3; ++i) {
    if (shared.warp + (G::kUnits - 1) * G::kWarps < p.units)
      work_on<G, G::kUnits>(p, shared, segment, producer, expander, reducer, i, place);
    else if (G::kUnits > 1 && shared.warp < p.units)
      work_on<G, 1>(p, shared, segment, producer, expander, reducer, i, place);
    __syncthreads();
    place = next_place(place);
  }
#endif
}

template <typename G>
void launch_entry(const EntryParams& params, int images, int most_shared_bytes,
                  cudaStream_t stream) {
  launch_limited(
      entry<G>,
      {dim3(static_cast<unsigned>(params.blocks), static_cast<unsigned>(images)),
       static_cast<unsigned>(G::kThreads), static_cast<std::size_t>(params.block.shared_bytes)},
      most_shared_bytes, stream, params);
}

template <StemInput Input, int Blocks, int Warps, int Units>
EntryLaunch entry_instance(HiddenForm form) {
  using enum HiddenForm;
  return form == bits ? launch_entry<Entry<bits, Input, Blocks, Warps, Units>>
                      : launch_entry<Entry<canonical, Input, Blocks, Warps, Units>>;
}

}  // namespace octet::cuda
