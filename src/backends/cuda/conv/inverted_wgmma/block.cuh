// A block of the inverted residual block on Hopper: its tile, its shared memory, the way of packed
// filters to it. See inverted_wgmma.cuh.
#pragma once

#include "backends/cuda/common/dynamic_shared_memory.cuh"
#include "backends/cuda/common/matrix_descriptor.cuh"
#include "backends/cuda/common/warpgroup.cuh"
#include "backends/cuda/conv/inverted/hidden.cuh"
#include "backends/cuda/conv/inverted_wgmma/params.hpp"

namespace octet::cuda {

template <HiddenForm Form, int Stride, int Columns, int Slabs, int Strips, int Products, int Parts,
          int N>
struct InvertedWgmma {
  static constexpr HiddenForm kForm = Form;
  static constexpr InvertedWgmmaShape kShape{Stride, Columns, Slabs, Strips, Products, Parts, N};
  static constexpr int kStride = Stride, kColumns = Columns, kSlabs = Slabs, kStrips = Strips,
                       kProducts = Products, kParts = Parts, kN = N;
  static constexpr int kThreads = 128 * kBlockWarpgroups;
  static constexpr int kRows = kShape.line_rows();
  static constexpr int kPositions = kShape.positions();
  static constexpr int kPlanePairs = kShape.planes() / 2;
  // Columns of an expanding product: two rows of its strips.
  static constexpr int kExpanded = 2 * kStrip * Strips;
  static constexpr int kSums = N / 2 + kExpanded / 2;  // of a thread
  static_assert(kBlockWarps % kPlanePairs == 0, "a warp's units are all of one pair of planes");
};

// Output lines first .. first + p.lines of an image; what they read of the hidden map are lines,
// two rows each, from the one before.
template <typename G>
struct InvertedWgmmaTile {
  int image, first;
  int hidden_first, hidden_lines;  // those inside of the image
  int skipped;                     // lines above them

  __device__ __forceinline__ explicit InvertedWgmmaTile(const InvertedWgmmaParams& p) {
    image = static_cast<int>(blockIdx.x) / p.tiles;
    first = (static_cast<int>(blockIdx.x) - image * p.tiles) * p.lines;
    hidden_first = max(first - 1, 0);
    hidden_lines = min(first + p.lines - 1, (p.h + 1) / 2 - 1) - hidden_first + 1;
    skipped = hidden_first - (first - 1);
  }
  __device__ __forceinline__ int columns(const InvertedWgmmaParams& p) const {
    return hidden_lines * p.w;
  }
  // The first column whose second row lies below the image.
  __device__ __forceinline__ int first_half_column(const InvertedWgmmaParams& p) const {
    return (p.h / 2 - hidden_first) * p.w;
  }
  // With stride 1 a line gives output rows 2 * line - 1 and 2 * line.
  __device__ __forceinline__ int first_row() const {
    return G::kStride == 1 ? max(2 * first - 1, 0) : first;
  }
  __device__ __forceinline__ int end_row(const InvertedWgmmaParams& p) const {
    return min(G::kStride == 1 ? 2 * (first + p.lines) - 1 : first + p.lines, p.oh);
  }
};

template <typename G>
struct InvertedWgmmaShared {
  std::uint32_t base;
  int warp, group, lane;  // warp of its warpgroup, warpgroup

  __device__ __forceinline__ InvertedWgmmaShared() : base(smem_address(dynamic_shared_memory())) {
    const int tid = static_cast<int>(threadIdx.x);
    group = warpgroup();
    warp = warp_of_block() % 4;
    lane = tid % 32;
  }
  // The same. Where sums leave few registers, the compiler takes the lane for a new one: what is
  // made of it is worked out again in each step.
  __device__ __forceinline__ InvertedWgmmaShared renewed() const {
    InvertedWgmmaShared same = *this;
    if constexpr (G::kSums > 64) asm volatile("" : "+r"(same.lane));
    return same;
  }
  // A chunk's hidden tile: a plane for each 8 channels.
  __device__ __forceinline__ std::uint32_t hidden(const InvertedWgmmaParams& p, int chunk) const {
    return base + p.hidden_at + (chunk & 1) * G::kShape.planes() * p.plane_bytes;
  }
  // What the depthwise step makes of it: 16 bytes a position for each pair of planes.
  __device__ __forceinline__ std::uint32_t operand(const InvertedWgmmaParams& p, int chunk) const {
    return base + p.operand_at + (chunk & 1) * G::kShape.operand_bytes();
  }
  __device__ __forceinline__ std::uint32_t input(const InvertedWgmmaParams& p) const {
    return base + p.input_at;
  }
  __device__ __forceinline__ std::uint32_t expand(const InvertedWgmmaParams& p, int chunk) const {
    return base + p.expand_at + (chunk & 1) * p.expand_bytes;
  }
  __device__ __forceinline__ std::uint32_t depthwise(const InvertedWgmmaParams& p,
                                                     int chunk) const {
    return base + p.depthwise_at + (chunk & 1) * G::kShape.depthwise_bytes();
  }
  __device__ __forceinline__ std::uint32_t project(const InvertedWgmmaParams& p, int chunk) const {
    return base + p.project_at + (chunk & 1) * G::kShape.project_bytes();
  }
  // Where the tile's output is finished, when hidden tiles are no longer needed.
  __device__ __forceinline__ std::uint32_t stage(const InvertedWgmmaParams& p) const {
    return base + p.hidden_at;
  }
  // m, then bias of all output channels.
  __device__ __forceinline__ std::uint32_t constants(const InvertedWgmmaParams& p) const {
    return base + p.constants_at;
  }
  // Where columns of the hidden map lie in a plane, 16 bits each, in the order in which lanes give
  // addresses.
  __device__ __forceinline__ std::uint32_t table(const InvertedWgmmaParams& p) const {
    return base + p.table_at;
  }
  __device__ __forceinline__ std::uint64_t* barrier(const InvertedWgmmaParams& p, int batch) const {
    return reinterpret_cast<std::uint64_t*>(dynamic_shared_memory() + p.barriers_at) + (batch & 1);
  }
};

// The packed filters come in batches: in step `i` the block multiplies by chunk i + 1's first
// filter, chunk i's second and chunk i - 1's third, and batch i brings what the next step needs.
template <typename G>
__device__ __forceinline__ void fetch_batch(const InvertedWgmmaParams& p,
                                            const InvertedWgmmaShared<G>& shared, int i) {
  std::uint64_t* const full = shared.barrier(p, i);
  const int of_expand = p.expand_bytes;
  const int of_depthwise = G::kShape.depthwise_bytes(), of_project = G::kShape.project_bytes();
  const auto there_is = [&](int chunk) { return chunk >= 0 && chunk < p.chunks; };
  const int bytes = (there_is(i + 2) ? of_expand : 0) + (there_is(i + 1) ? of_depthwise : 0) +
                    (there_is(i) ? of_project : 0);
  barrier_expect(full, bytes);
  const auto bring = [&](std::uint32_t to, int chunk, int offset, int size) {
    if (there_is(chunk)) copy_bulk(to, p.filters + (chunk * p.piece_bytes + offset), size, full);
  };
  bring(shared.expand(p, i + 2), i + 2, 0, of_expand);
  bring(shared.depthwise(p, i + 1), i + 1, of_expand, of_depthwise);
  bring(shared.project(p, i), i, of_expand + of_depthwise, of_project);
}
template <typename G>
__device__ __forceinline__ void wait_batch(const InvertedWgmmaParams& p,
                                           const InvertedWgmmaShared<G>& shared, int i) {
  barrier_wait(shared.barrier(p, i), (i + 2) >> 1 & 1);
}

}  // namespace octet::cuda
