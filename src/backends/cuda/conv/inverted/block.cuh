// A warpgroup of the fused inverted residual block: its place in the block, its shared memory, and
// how four sums become four bytes. See inverted.cuh.
#pragma once

#include "backends/cuda/common/matrix_descriptor.cuh"
#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/inverted/params.hpp"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

template <int Teams, int Groups, int Units, int Rows, int N>
struct Inverted {
  static constexpr InvertedShape kShape{Teams, Groups, Units, Rows, N};
  static constexpr int kTeams = Teams, kGroups = Groups, kUnits = Units, kRows = Rows, kN = N;
  static constexpr int kTeamThreads = 128 * Groups, kThreads = Teams * kTeamThreads;
  // Whether the sums of the projection leave registers for two blocks of hidden sums.
  static constexpr bool kTwoAtOnce = Units * Rows * N / 2 + 64 < 65536 / kThreads;
  static_assert(N % 16 == 0, "a thread stores words of four channels");
};

// The sums of the projection that a thread holds: unit, row of the position, fragment.
template <typename G>
using InvertedSums = int[G::kUnits][G::kRows][G::kN / 2];

// The tile of a block: output rows first .. first + rows of an image, and the rows of the hidden
// map (and so of the input) that lie inside the image.
struct InvertedTile {
  int image, first, rows;
  int hidden_first, hidden_rows;
  int skipped;  // rows of the padding above them

  __device__ __forceinline__ explicit InvertedTile(const InvertedParams& p) {
    image = static_cast<int>(blockIdx.x) / p.tiles;
    first = (static_cast<int>(blockIdx.x) - image * p.tiles) * p.rows;
    rows = min(p.rows, p.oh - first);
    const int top = first * p.stride - 1, bottom = (first + rows - 1) * p.stride + 1;
    hidden_first = max(top, 0);
    hidden_rows = min(bottom, p.h - 1) - hidden_first + 1;
    skipped = hidden_first - top;
  }
};

template <typename G>
struct InvertedShared {
  std::uint8_t* raw;
  std::uint32_t base;
  int team, group, lane, warp;  // the warpgroup of its team, the warp of its warpgroup

  __device__ __forceinline__ InvertedShared(std::uint8_t* memory)
      : raw(memory), base(smem_address(memory)) {
    const int tid = static_cast<int>(threadIdx.x);
    // Uniform over a warp; saying so keeps wgmma from being serialised.
    const int warpgroup = __shfl_sync(~0u, tid / 128, 0);
    team = warpgroup / G::kGroups;
    group = warpgroup % G::kGroups;
    warp = tid / 32 % 4;
    lane = tid % 32;
  }
  // A team's hidden tile of a chunk: two planes of 16 channels.
  __device__ __forceinline__ std::uint32_t hidden(const InvertedParams& p, int buffer) const {
    return base + (team * 2 + buffer) * 2 * p.plane_bytes;
  }
  __device__ __forceinline__ std::uint32_t input(const InvertedParams& p) const {
    return base + p.input_at;
  }
  __device__ __forceinline__ std::uint32_t piece(const InvertedParams& p, int slot) const {
    return base + p.filters_at + (team * p.slots + slot) * p.piece_bytes;
  }
  // For each pixel of the tile, where it lies in a hidden plane.
  __device__ __forceinline__ std::uint16_t* table(const InvertedParams& p) const {
    return reinterpret_cast<std::uint16_t*>(raw + p.table_at);
  }
  __device__ __forceinline__ std::uint64_t* full(const InvertedParams& p, int slot) const {
    return reinterpret_cast<std::uint64_t*>(raw + p.barriers_at) + team * p.slots + slot;
  }
  __device__ __forceinline__ void sync_team() const {
    named_barrier_sync(1 + team, G::kTeamThreads);
  }
};

// Where things are in the packed filters of a chunk.
template <typename G>
struct InvertedPiece {
  std::uint32_t expand, depthwise, project, expand_bias, depthwise_bias;

  __device__ __forceinline__ InvertedPiece(const InvertedParams& p, std::uint32_t piece)
      : expand(piece),
        depthwise(expand + p.k_steps * 1024),
        project(depthwise + G::kShape.depthwise_bytes()),
        expand_bias(project + G::kShape.project_bytes()),
        depthwise_bias(expand_bias + 4 * kInvertedChunk) {}
};

// Words [half]: four neighbouring channels of rows g and g + 8 of a warp's 16, whose sums are
// column pairs j and j + 1 of a product. `bias` is where those of the 16 channels lie.
template <WgmmaRule kRule>
__device__ __forceinline__ void finish_hidden(const WgmmaConvParams& step, float m,
                                              const int (&bias)[4], const int* sums,
                                              std::uint32_t (&words)[2]) {
  const float scale[4] = {m, m, m, m};
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int* const first = sums + 2 * half;
    words[half] = finish4_relu<kRule, WgmmaZ::none>(step, {first[0], first[1], first[4], first[5]},
                                                    scale, bias, 0);
  }
}

__device__ __forceinline__ void load_biases(int (&bias)[4], std::uint32_t from) {
  std::uint32_t words[4];
  load_shared_words(words, from);
#pragma unroll
  for (int i = 0; i < 4; ++i) bias[i] = static_cast<int>(words[i]);
}

}  // namespace octet::cuda
