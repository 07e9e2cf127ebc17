// A warp of the fused inverted residual block: its place in the block, its shared memory, and how
// sums become bytes. See inverted.cuh.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/common/ptx_mma.cuh"
#include "backends/cuda/conv/inverted/params.hpp"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

template <HiddenForm Form, int Stride, int Teams, int Warps, int Units, int Rows, int N>
struct Inverted {
  static constexpr HiddenForm kForm = Form;
  static constexpr InvertedShape kShape{Stride, Teams, Warps, Units, Rows, N};
  static constexpr int kStride = Stride, kTeams = Teams, kWarps = Warps, kUnits = Units, kRows = Rows, kN = N;
  static constexpr int kTeamThreads = 32 * Warps, kThreads = Teams * kTeamThreads;
  static constexpr int kSums = Units * Rows * N / 2;  // of the projection, a thread's
  static constexpr int kLineRows = kShape.line_rows();
  // The output rows of a line are units by themselves.
  static constexpr bool kSplit = Rows < kLineRows;
  // Tiles of pixels that a warp expands at once, by what the sums leave of its registers.
  static constexpr int kTilesAtOnce = kSums + 56 <= 65536 / kThreads ? 2 : 1;
  static_assert(N % 8 == 0, "a product has 8 columns");
};

// The sums of the projection: unit, row of the position, 8 columns, fragment of mma_16x8x32().
template <typename G>
using InvertedSums = int[G::kUnits][G::kRows][G::kN / 8][4];

// The tile of a block: output rows first .. first + rows of an image, and the rows of the hidden
// map (and so of the input) that lie inside the image.
template <typename G>
struct InvertedTile {
  int image, first, rows;
  int hidden_first, hidden_rows;
  int skipped;  // rows of the padding above them

  __device__ __forceinline__ explicit InvertedTile(const InvertedParams& p) {
    image = static_cast<int>(blockIdx.x) / p.tiles;
    first = (static_cast<int>(blockIdx.x) - image * p.tiles) * p.rows;
    rows = min(p.rows, p.oh - first);
    const int top = first * G::kStride - 1, bottom = (first + rows - 1) * G::kStride + 1;
    hidden_first = max(top, 0);
    hidden_rows = min(bottom, p.h - 1) - hidden_first + 1;
    skipped = hidden_first - top;
  }
};

template <typename G>
struct InvertedShared {
  static_assert(sizeof(InvertedTile<G>) <= kInvertedTileBytes);

  std::uint8_t* raw;
  std::uint32_t base;
  int team, warp, lane;  // the warp of its team

  __device__ __forceinline__ explicit InvertedShared(std::uint8_t* memory)
      : raw(memory), base(smem_address(memory)) {
    const int of_block = static_cast<int>(threadIdx.x) / 32;
    team = of_block / G::kWarps;
    warp = of_block % G::kWarps;
    lane = static_cast<int>(threadIdx.x) % 32;
  }
  // A team's hidden tile of a chunk: a plane for each group of channels.
  __device__ __forceinline__ std::uint32_t hidden(const InvertedParams& p, int buffer) const {
    return base + (team * 2 + buffer) * kInvertedGroups * p.plane_bytes;
  }
  __device__ __forceinline__ std::uint32_t input(const InvertedParams& p) const {
    return base + p.input_at;
  }
  __device__ __forceinline__ std::uint32_t piece(const InvertedParams& p, int slot) const {
    return base + p.filters_at + (team * kInvertedSlots + slot) * p.piece_bytes;
  }
  // Noted here, the tile takes no registers meanwhile.
  __device__ __forceinline__ InvertedTile<G>* tile(const InvertedParams& p) const {
    return reinterpret_cast<InvertedTile<G>*>(raw + p.tile_at);
  }
  // For each pixel of the tile, where its first group lies in a hidden tile.
  __device__ __forceinline__ std::uint32_t table(const InvertedParams& p) const {
    return base + p.table_at;
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

// Two hidden values to bytes 0 and 1 of a word, the lower half of `high` above them.
template <HiddenForm kForm, WgmmaRule kRule>
__device__ __forceinline__ std::uint32_t finish_pair(const HiddenStep& step, const int (&bias)[2],
                                                     int first, int second, std::uint32_t high) {
  const auto finish = [&](int sum, int of) {
    if constexpr (kForm == HiddenForm::canonical)
      return round_relu(scale_sum<kRule>(sum, step.m, of), step.factor128);
    // 128 * the line in steps of the least subnormal, as in exact_round.cuh.
    const float line = fma_saturated(static_cast<float>(sum), step.m, __int_as_float(of));
    return __float_as_int(__fmul_rz(line, __int_as_float(0x80)));
  };
  return pack_saturated_2(finish(first, bias[0]), finish(second, bias[1]), high);
}

__device__ __forceinline__ void load_biases(int (&bias)[2], std::uint32_t from) {
  std::uint32_t words[2];
  load_shared_words(words, from);
  bias[0] = static_cast<int>(words[0]);
  bias[1] = static_cast<int>(words[1]);
}

}  // namespace octet::cuda
