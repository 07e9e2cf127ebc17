// A warp of the fused inverted residual block: its place in the block, its shared memory. See
// inverted.cuh.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/conv/inverted/hidden.cuh"

namespace octet::cuda {

template <HiddenForm Form, bool Expands, int Blocks, int Stride, int Teams, int Warps, int Units,
          int Rows, int N>
struct Inverted {
  static constexpr HiddenForm kForm = Form;
  static constexpr InvertedShape kShape{Expands, Blocks, Stride, Teams, Warps, Units, Rows, N};
  static constexpr bool kExpands = Expands;
  static constexpr int kStride = Stride, kTeams = Teams, kWarps = Warps, kUnits = Units,
                       kRows = Rows, kN = N;
  static constexpr int kTeamThreads = 32 * Warps, kThreads = Teams * kTeamThreads;
  static constexpr int kSums = Units * Rows * N / 2;  // of the projection, a thread's
  static constexpr int kLineRows = kShape.line_rows();
  // The output rows of a line are units by themselves.
  static constexpr bool kSplit = Rows < kLineRows;
  // By what the sums leave of its registers: tiles of pixels and pairs of products that a warp
  // expands at once.
  static constexpr int kRegisters = 65536 / (kThreads * Blocks);
  static constexpr int kTilesAtOnce = kSums + 80 <= kRegisters ? 2 : 1;
  // What they meet stays in registers where a warp has many tiles of a chunk.
  static constexpr bool kHolds = Stride == 2 && kSums + 88 <= kRegisters;
  static constexpr int kPairsAtOnce = kHolds ? 1 : 2;
  // Units that it reduces at once.
  static constexpr int kUnitsAtOnce = Units % 2 == 0 && kSums + 96 <= kRegisters ? 2 : 1;
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
  int skipped;             // rows of the padding above them
  int pixel_tiles, units;  // of 16 pixels, of 16 positions

  __device__ __forceinline__ explicit InvertedTile(const InvertedParams& p) {
    image = static_cast<int>(blockIdx.x) / p.tiles;
    first = (static_cast<int>(blockIdx.x) - image * p.tiles) * p.rows;
    rows = min(p.rows, p.oh - first);
    const int top = first * G::kStride - 1, bottom = (first + rows - 1) * G::kStride + 1;
    hidden_first = max(top, 0);
    hidden_rows = min(bottom, p.h - 1) - hidden_first + 1;
    skipped = hidden_first - top;
    pixel_tiles = (hidden_rows * p.w + 15) / 16;
    const int lines = (rows + G::kLineRows - 1) / G::kLineRows;
    units = ((lines - 1) * p.pitch + p.ow + 15) / 16 * (G::kLineRows / G::kRows);
  }
  // Of the output.
  __device__ __forceinline__ long long first_byte(const InvertedParams& p) const {
    return static_cast<long long>(image * p.oh + first) * p.ow * p.out_channels;
  }
};

template <typename G>
struct InvertedShared {
  static_assert(sizeof(InvertedTile<G>) <= kInvertedTileBytes);

  std::uint32_t base;
  int team, warp, lane;  // the warp of its team

  __device__ __forceinline__ InvertedShared() : base(smem_address(dynamic_shared_memory())) {
    const unsigned of_block = threadIdx.x / 32;
    team = G::kTeams == 1 ? 0 : static_cast<int>(of_block / G::kWarps);
    warp = static_cast<int>(of_block) - team * G::kWarps;
    lane = static_cast<int>(threadIdx.x % 32);
  }
  // A team's hidden tile of a chunk: a plane for each group of channels.
  __device__ __forceinline__ std::uint32_t hidden(const InvertedParams& p, int buffer) const {
    return base + (team * p.buffers + buffer) * kInvertedGroups * p.plane_bytes;
  }
  __device__ __forceinline__ std::uint32_t input(const InvertedParams& p) const {
    return base + p.input_at;
  }
  __device__ __forceinline__ std::uint32_t piece(const InvertedParams& p, int slot) const {
    return base + p.filters_at + (team * kInvertedSlots + slot) * p.piece_bytes;
  }
  // Noted here, the tile takes no registers meanwhile.
  __device__ __forceinline__ InvertedTile<G>* tile(const InvertedParams& p) const {
    return reinterpret_cast<InvertedTile<G>*>(dynamic_shared_memory() + p.tile_at);
  }
  // For each pixel of the tile, where it lies in a plane of a hidden tile: 16 bits in one table for
  // even planes, in another for odd ones.
  __device__ __forceinline__ std::uint32_t table(const InvertedParams& p, int plane) const {
    return base + p.table_at + (plane & 1) * p.table_bytes;
  }
  __device__ __forceinline__ void sync_team() const {
    if constexpr (G::kTeams == 1) __syncthreads();
    else named_barrier_sync(1 + team, G::kTeamThreads);
  }
};

// Where things are in the packed filters of a chunk.
template <typename G>
struct InvertedPiece {
  std::uint32_t expand, depthwise, project, expand_steps, depthwise_steps;

  __device__ __forceinline__ InvertedPiece(const InvertedParams& p, std::uint32_t piece)
      : expand(piece),
        depthwise(expand + p.k_steps * 1024),
        project(depthwise + G::kShape.depthwise_bytes()),
        expand_steps(project + G::kShape.project_bytes()),
        depthwise_steps(expand_steps + (G::kExpands ? kInvertedGroups * kInvertedConstants : 0)) {}
};

// Starts a chunk's packed filters on their way to their slot.
template <typename G>
__device__ __forceinline__ void fetch_piece(const InvertedParams& p,
                                            const InvertedShared<G>& shared, int chunk, int slot) {
  const std::int8_t* const from = p.filters + chunk * p.piece_bytes;
  const int in_team = shared.warp * 32 + shared.lane;
#pragma unroll 1
  for (int i = in_team * 16; i < p.piece_bytes; i += G::kTeamThreads * 16)
    copy_async<16>(shared.piece(p, slot) + i, from + i);
  commit_copies();
}

}  // namespace octet::cuda
