// The fused block without an expansion: the hidden tile is the input, and all of it is one chunk,
// so that a warp finishes its positions a unit or two at a time. See inverted.cuh.
#pragma once

#include "backends/cuda/common/ptx_copy_8.cuh"
#include "backends/cuda/conv/inverted/output.cuh"
#include "backends/cuda/conv/inverted/reduce.cuh"

namespace octet::cuda {

// Starts the pixels of a tile on their way; four threads have one, a group of channels each.
template <typename G>
__device__ __forceinline__ void fill_hidden(const InvertedParams& p,
                                            const InvertedShared<G>& shared,
                                            const InvertedTile<G>& tile) {
  const int group = static_cast<int>(threadIdx.x) & 3, channel = group * kInvertedGroup;
  if (channel < p.channels) {
    const std::int8_t* const from =
        p.x + static_cast<long long>(tile.image * p.h + tile.hidden_first) * p.w * p.channels +
        channel;
    const std::uint32_t to = shared.hidden(p, 0) + group * p.plane_bytes;
    const std::uint32_t table = shared.table(p, group);
    const int pixels = tile.hidden_rows * p.w;
#pragma unroll 4
    for (int pixel = static_cast<int>(threadIdx.x) / 4; pixel < pixels; pixel += G::kThreads / 4)
      copy_async_8(to + load_shared_2(table + 2 * pixel), from + pixel * p.channels);
  }
  commit_copies();
}

// kCount units from the hidden tile to memory.
template <typename G, Finish kFinish, int kCount>
__device__ __forceinline__ void finish_units(const InvertedParams& p,
                                             const InvertedShared<G>& shared,
                                             const InvertedTile<G>& tile, const Reducer<G>& reducer,
                                             int unit, std::int8_t* y) {
  int sums[kCount][G::kRows][G::kN / 8][4] = {};
  reducer.template run<kCount>(unit, p.hidden > kInvertedChunk / 2, sums);
#pragma unroll
  for (int i = 0; i < kCount; ++i) {
    PositionPixels<G::kRows> pixels;
    find_pixels<G>(p, shared, tile, unit + i * G::kWarps, pixels);
    finish_unit<WgmmaZ::none, kFinish>(
        p, pixels, sums[i], nullptr,
        [&](int at, std::uint32_t word) { *reinterpret_cast<std::uint32_t*>(y + at) = word; });
  }
}

template <typename G>
__device__ __forceinline__ void finish_input(const InvertedParams& p,
                                             const InvertedShared<G>& shared,
                                             const InvertedTile<G>& tile) {
  const Reducer<G> reducer(p, shared, InvertedPiece<G>(p, shared.piece(p, 0)), shared.hidden(p, 0));
  std::int8_t* const y = p.y + tile.first_byte(p);
  finish_by_form<InvertedForm<WgmmaZ::none>>(p.project, [&]<Finish kFinish>() {
    int unit = shared.warp;
#pragma unroll 1
    for (; unit + (G::kUnits - 1) * G::kWarps < tile.units; unit += G::kUnits * G::kWarps)
      finish_units<G, kFinish, G::kUnits>(p, shared, tile, reducer, unit, y);
    if constexpr (G::kUnits == 2)
      if (unit < tile.units) finish_units<G, kFinish, 1>(p, shared, tile, reducer, unit, y);
  });
}

}  // namespace octet::cuda
