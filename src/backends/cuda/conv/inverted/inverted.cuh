// An inverted residual block in one kernel, NHWC: 1x1 expand + ReLU, depthwise 3x3 of stride 1 or 2
// + ReLU, 1x1 project, residual. The hidden map never leaves the multiprocessor.
//
// A block of threads has a tile of output rows, all columns of the image; each of its teams of
// warps has every kTeams-th chunk of 32 hidden channels:
//
//   input tile  --mma 16 pixels x 32 x K-->        sums --epilogue--> hidden tile (two buffers)
//   hidden tile --mma 16 positions x 8 x 32, 3x--> sums --epilogue--> left operand, in registers
//   left operand --mma 16 positions x N x 32-->    added to the sums of the output channels
//
// While one chunk is reduced the next one is expanded, so there is one barrier of a team for each
// chunk; half of its warps do the one first and half the other, so that some multiply while others
// finish. At the end the sums of the teams are added, finished, and stored as one run of memory.
//
//   shared memory: | hidden tiles: team, buffer, plane of 8 channels | planes of 16 input channels
//   |
//                  | packed filters: team, slot | place of each pixel in a hidden plane |
//
// The depthwise convolution is a matrix product too. A line of the hidden tile is two rows: the 16
// bytes of a column are 8 channels of the one and the same channels of the other. Two lines are
// K = 32, four rows, so three products, one for each column of taps, make all nine taps of 8
// channels and 16 neighbouring positions. The filter is zero but where channels are the same.
//
//   line i      | row 2i,     8 channels | row 2i + 1, 8 channels |   output row 2i     reads rows
//   line i + 1  | row 2i + 2             | row 2i + 3             |   2i .. 2i + 2 of the padded
//   map,
//                                                                     row 2i + 1 one further on
// With stride 2 there is one output row to a line, and even and odd columns lie apart, so that
// neighbouring positions are neighbours for every tap. Positions are enumerated in padded lines, of
// which neighbours share the zeros between them. In odd groups of channels the two rows of a line
// change places, which keeps the writes of the first step free of bank conflicts.
//
// The columns of filters and the order of K are such that the sums of a thread are what it must
// hold of the next product's left operand: see inverted_channel().
//
// A sum becomes a byte as wgmma/bit_line.hpp has it: one operation on its bits, and the pack.
//
// Without an expansion, as in MobileNetV2's first block, the input is the hidden map and one chunk:
// it is copied to the hidden tile, and each warp finishes its positions and stores them to memory.
//
// Everything is done by warps, in registers and without waiting for each other but at the barrier,
// so mma.sync serves better than wgmma here: products this narrow are bound by the reading of the
// left operand from shared memory, 32 clocks for 64 x 32 bytes, and their descriptors cost as many
// instructions as they save. What bounds it is shared memory: a read by a warp takes as long when
// all threads want the same bytes. So a chunk's constants are few words, each thread makes its part
// of the depthwise filter from three taps, and where there are registers they stay there.
#pragma once

#include "backends/cuda/common/launch_limited.cuh"
#include "backends/cuda/conv/inverted/expand.cuh"

#include "backends/cuda/conv/inverted/output.cuh"
#include "backends/cuda/conv/inverted/plain.cuh"
#include "backends/cuda/conv/inverted/reduce.cuh"

namespace octet::cuda {

// All chunks of a team, from the input tile to the sums of its positions. The first two pieces are
// there.
template <typename G>
__device__ __forceinline__ void work_off_chunks(const InvertedParams& p,
                                                const InvertedShared<G>& shared,
                                                InvertedSums<G>& sums) {
  const InvertedTile<G>* const tile = shared.tile(p);
  const auto chunk_of = [&](int i) { return shared.team + i * G::kTeams; };
  const auto piece_of = [&](int i) {
    return InvertedPiece<G>(p, shared.piece(p, i % kInvertedSlots));
  };
  const auto exists = [&](int i) { return chunk_of(i) < p.chunks; };
  const auto is_whole = [&](int i) { return p.hidden - chunk_of(i) * kInvertedChunk > 16; };
  // Step -1 expands the first chunk, step i reduces chunk i and expands the next. All teams take as
  // many steps, so that all threads of the block meet as many barriers.
  const int steps = (p.chunks + G::kTeams - 1) / G::kTeams;
#pragma unroll 1
  for (int i = -1; i < steps; ++i) {
    if (i >= 0 && exists(i + 2))
      fetch_piece<G>(p, shared, chunk_of(i + 2), (i + 2) % kInvertedSlots);
#pragma unroll 1
    for (int phase = 0; phase < 2; ++phase) {
      // Warps of one scheduler are four apart.
      if ((phase + (shared.warp >> 2)) % 2 == 0) {
        if (i >= 0 && exists(i))
          reduce<G>(p, shared, piece_of(i), shared.hidden(p, i & 1), sums, tile->units,
                    is_whole(i));
      } else if (exists(i + 1)) {
        expand<G>(p, shared, piece_of(i + 1), shared.hidden(p, ~i & 1), tile->pixel_tiles,
                  is_whole(i + 1));
      }
    }
    wait_copies<0>();
    shared.sync_team();
  }
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, G::kShape.blocks) void inverted(
    const __grid_constant__ InvertedParams p) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800  // older devices never get this: see rows.cpp
  const InvertedShared<G> shared;
  const InvertedTile<G> tile(p);
  for (int i = 0; i < 2; ++i)
    if (const int chunk = shared.team + i * G::kTeams; chunk < p.chunks)
      fetch_piece<G>(p, shared, chunk, i);
  clear_outside(p, shared, tile);
  fill_table(p, shared, tile);
  if constexpr (!G::kExpands) {
    __syncthreads();
    begin_in_chain();
    fill_hidden(p, shared, tile);
    wait_copies<0>();
    __syncthreads();
    return finish_input(p, shared, tile);
  }
  begin_in_chain();
  load_input(p, shared, tile);
  if (threadIdx.x == 0) *shared.tile(p) = tile;
  wait_copies<0>();
  __syncthreads();
  InvertedSums<G> sums = {};
  work_off_chunks<G>(p, shared, sums);
  write_tile<G>(p, shared, sums);
#endif
}

template <typename G>
void launch_inverted(const InvertedParams& params, int images, int most_shared_bytes,
                     cudaStream_t stream) {
  launch_limited(inverted<G>,
                 {static_cast<unsigned>(images * params.tiles), static_cast<unsigned>(G::kThreads),
                  static_cast<std::size_t>(params.shared_bytes)},
                 most_shared_bytes, stream, params);
}

template <bool Expands, int Blocks, int Stride, int Teams, int Warps, int Units, int Rows, int N>
InvertedLaunch inverted_instance(HiddenForm form) {
  using enum HiddenForm;
  return form == bits
             ? launch_inverted<
                   Inverted<bits, Expands, Blocks, Stride, Teams, Warps, Units, Rows, N>>
             : launch_inverted<
                   Inverted<canonical, Expands, Blocks, Stride, Teams, Warps, Units, Rows, N>>;
}

}  // namespace octet::cuda
