// An inverted residual block in one kernel (Hopper), NHWC: 1x1 expand + ReLU, depthwise 3x3 of
// stride 1 or 2 + ReLU, 1x1 project, residual. The hidden map never leaves the multiprocessor.
//
// A block of threads has a tile of output rows, all columns of the image; its teams of warpgroups
// take turns at chunks of 32 hidden channels:
//
//   input tile  --wgmma 64 pixels x 32 x K-->  sums --epilogue, stmatrix-->  hidden tile (buffer 0)
//                                                                            hidden tile (buffer 1)
//   hidden tile --wgmma 64 positions x taps--> sums --epilogue--> left operand, in registers
//   left operand --wgmma 64 positions x N x 32--> added to the sums of the output channels
//
// While one chunk is reduced the next one is expanded, so that there is one barrier of the team for
// each chunk; half of its warpgroups do the one first and half the other, so that some multiply
// while others finish. At the end the sums of the teams are added, finished, and stored as one run.
//
//   shared memory: | team 0: 2 buffers x 2 planes of 16 hidden channels | team 1 ... |
//                  | input: planes of 16 channels x pixels | packed filters: slots of a team |
//                  | place of each pixel in a hidden plane | barriers |
//
// The depthwise convolution is a matrix product too. K = 32 is 16 channels of two hidden rows, one
// below the other: without swizzle a descriptor says how far apart the two halves of K lie, and may
// start at any pixel, so a tap is an offset. The filter is zero but where channels are the same.
// With stride 1 the product's N = 32 is the 16 channels of two output rows, which share two of
// their four input rows: six products make nine taps of both.
//
//   hidden rows, split by parity       position: column of output rows 2i and 2i + 1
//     even plane  0 2 4 ...            taps (pair 0, s): rows 2i,     2i + 1 of the padded map
//     odd plane   1 3 5 ...            taps (pair 1, s): rows 2i + 2, 2i + 3
//
// With stride 2 columns are split by parity as well, and N is 16: rows 2i and 2i + 1, then 2i + 2
// alone. Positions are enumerated in padded rows; those of the padding are thrown away at the end.
//
// Filter columns are permuted so that a thread's sums of a pixel are words of four channels, and
// such words are the left operand of the next product as they are: see inverted_channel().
//
// Bound by the issue of the two epilogues' instructions, about 7 for each hidden value, and by what
// wgmma reads of shared memory for the depthwise sums.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/conv/inverted/expand.cuh"
#include "backends/cuda/conv/inverted/output.cuh"
#include "backends/cuda/conv/inverted/reduce.cuh"

namespace octet::cuda {

// Starts a chunk's packed filters on their way; by one thread of the team.
template <typename G>
__device__ __forceinline__ void fetch_piece(const InvertedParams& p,
                                            const InvertedShared<G>& shared, int chunk, int slot) {
  std::uint64_t* const full = shared.full(p, slot);
  barrier_expect(full, p.piece_bytes);
  copy_bulk(shared.piece(p, slot), p.filters + static_cast<long long>(chunk) * p.piece_bytes,
            p.piece_bytes, full);
}

// All chunks of a team, from the input tile to the sums of its positions.
template <typename G>
__device__ __forceinline__ void work_off_chunks(const InvertedParams& p,
                                                const InvertedShared<G>& shared,
                                                const InvertedTile& tile, InvertedSums<G>& sums) {
  const int pixel_blocks = (tile.hidden_rows * p.w + 63) / 64;
  const int lines = (tile.rows + G::kRows - 1) / G::kRows;
  const int position_blocks = ((lines - 1) * p.places.pitch + p.ow + 63) / 64;
  const int count = (p.chunks - shared.team + G::kTeams - 1) / G::kTeams;
  const auto chunk_of = [&](int i) { return shared.team + i * G::kTeams; };
  const auto is_whole = [&](int i) { return p.hidden - chunk_of(i) * kInvertedChunk > 16; };
  const auto piece_of = [&](int i) {
    return InvertedPiece<G>(p, shared.piece(p, i % p.slots));
  };
  // Step -1 expands the first chunk, step i reduces chunk i and expands the next.
  for (int i = -1; i < count; ++i) {
#pragma unroll 1
    for (int phase = 0; phase < 2; ++phase) {
      if ((phase + shared.group + shared.team) % 2 == 0) {
        if (i < 0) continue;
        reduce<G>(p, shared, piece_of(i), shared.hidden(p, i % 2), sums, position_blocks,
                  is_whole(i), i == 0);
      } else if (i + 1 < count) {
        barrier_wait(shared.full(p, (i + 1) % p.slots), (i + 1) / p.slots % 2);
        expand<G>(p, shared, piece_of(i + 1), shared.hidden(p, (i + 1) % 2), pixel_blocks,
                  is_whole(i + 1));
      }
    }
    fence_async_proxy();
    shared.sync_team();
    const int freed = i, next = i + p.slots;
    if (threadIdx.x % G::kTeamThreads == 0 && freed >= 0 && next < count)
      fetch_piece<G>(p, shared, chunk_of(next), next % p.slots);
  }
}

template <typename G>
__global__ __launch_bounds__(G::kThreads, 1) void inverted(
    const __grid_constant__ InvertedParams p) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL  // other devices never get this kernel: see has_wgmma()
  const InvertedShared<G> shared(dynamic_shared_memory());
  const InvertedTile tile(p);
  const bool leads = threadIdx.x % G::kTeamThreads == 0;
  if (leads) {
    for (int slot = 0; slot < p.slots; ++slot) barrier_init(shared.full(p, slot), 1);
    fence_async_proxy();
    for (int i = 0; i < p.slots; ++i)
      if (shared.team + i * G::kTeams < p.chunks)
        fetch_piece<G>(p, shared, shared.team + i * G::kTeams, i);
  }
  clear_hidden(p, shared);
  fill_table(p, shared, tile);
  allow_next_kernel();
  wait_for_earlier_kernels();
  load_input(p, shared, tile);
  fence_async_proxy();
  __syncthreads();
  InvertedSums<G> sums;
  work_off_chunks<G>(p, shared, tile, sums);
  write_tile<G>(p, shared, tile, sums);
#endif
}

template <typename G>
void launch_inverted(const InvertedParams& params, int images, cudaStream_t stream) {
  launch_pipeline(inverted<G>,
                  {static_cast<unsigned>(images * params.tiles), static_cast<unsigned>(G::kThreads),
                   static_cast<std::size_t>(params.shared_bytes)},
                  stream, params);
}

template <int Teams, int Groups, int Units, int Rows, int N>
InvertedLaunch inverted_instance() {
  return launch_inverted<Inverted<Teams, Groups, Units, Rows, N>>;
}

}  // namespace octet::cuda
