// The first step of the fused inverted residual block: the input pixels of a tile, and from them 32
// hidden channels. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// Of each pixel of whole blocks of 16, where it lies in a plane. Pixels that the tile does not have
// go to places of their own at the plane's end, which nobody reads.
template <typename G>
__device__ __forceinline__ void fill_table(const InvertedParams& p, const InvertedShared<G>& shared,
                                           const InvertedTile<G>& tile) {
  constexpr int kOdd = G::kStride - 1;
  const int pixels = tile.hidden_rows * p.w;
  for (int i = static_cast<int>(threadIdx.x); i < (pixels + 15) / 16 * 16; i += G::kThreads) {
    const int line = divide(i, p.row), row = line + tile.skipped, column = i - line * p.w + 1;
    const int unit = (row >> 1) * p.pitch + (column & kOdd) * p.column_plane + (column >> kOdd);
    const int even = i < pixels ? 16 * unit + (row & 1) * 8 : p.plane_bytes - 16 * (i - pixels + 1);
    store_shared_2(shared.table(p, 0) + 2 * i, even);
    store_shared_2(shared.table(p, 1) + 2 * i, even ^ 8);
  }
}

// The hidden map is zero outside of the image, whatever the bias is: those places are written here
// and never again.
template <typename G>
__device__ __forceinline__ void clear_hidden(const InvertedParams& p) {
  uint4* const hidden = reinterpret_cast<uint4*>(dynamic_shared_memory());
  const int count = G::kTeams * p.buffers * kInvertedGroups * p.plane_bytes / 16;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += G::kThreads)
    hidden[i] = make_uint4(0, 0, 0, 0);
}

// The pixels of a tile lie one after the other in memory; here each 16 channels are a plane. Where
// the channels end within a plane the filter is zero, so that any bytes will do. A few loads are on
// their way at once.
template <typename G>
__device__ __forceinline__ void load_input(const InvertedParams& p, const InvertedShared<G>& shared,
                                           const InvertedTile<G>& tile) {
  constexpr int kAtOnce = 4;
  const int count = tile.hidden_rows * p.w * p.eights.value;
  const long long first =
      static_cast<long long>(tile.image * p.h + tile.hidden_first) * p.w * p.channels;
  const auto* const from = reinterpret_cast<const uint2*>(p.x + first);
#pragma unroll 1
  for (int start = static_cast<int>(threadIdx.x); start < count; start += kAtOnce * G::kThreads) {
    uint2 bytes[kAtOnce];
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j)
      bytes[j] = __ldg(from + min(start + j * G::kThreads, count - 1));
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j) {
      const int i = start + j * G::kThreads;
      if (i >= count) break;
      const int pixel = divide(i, p.eights), eight = i - pixel * p.eights.value;
      store_shared_words(
          shared.input(p) + (eight >> 1) * p.input_plane_bytes + pixel * 16 + (eight & 1) * 8,
          {bytes[j].x, bytes[j].y});
    }
  }
}

// Of 16 pixels the sums of 32 channels: fragments of 8 columns each.
using ExpandSums = int[kInvertedGroups][4];

// A warp's way through 16 or 32 pixels of a chunk. A whole chunk's columns are such that a thread
// has a group's 8 channels of two pixels; of half a chunk, 16 channels, it has 4.
template <typename G, bool kWhole>
class Expander {
 public:
  __device__ __forceinline__ Expander(const InvertedParams& p, const InvertedShared<G>& shared,
                                      const InvertedPiece<G>& piece, std::uint32_t hidden)
      : p_(p) {
    const int lane = shared.lane, quarter = (lane & 3);
    const int plane = kWhole ? quarter : quarter >> 1;
    pixels_ = shared.input(p) + (lane & 15) * 16;
    half_ = lane >> 4;
    filter_ = piece.expand + lane * 16;
    steps_ = piece.expand_steps + quarter * 16;
    hidden_ = hidden + plane * p.plane_bytes + (kWhole ? 0 : (quarter & 1) * 4);
    table_ = shared.table(p, plane) + (lane >> 2) * 2;
  }

  template <int kTiles>
  __device__ __forceinline__ void run(int first, int step) const {
    ExpandSums sums[kTiles];
    multiply<true>(sums, first, step, 0);
#pragma unroll 1
    for (int k = 1; k < p_.k_steps; ++k) multiply<false>(sums, first, step, k);
    store(sums, first, step);
  }

 private:
  static constexpr int kPairs = kWhole ? 2 : 1;

  template <bool kBegins, int kTiles>
  __device__ __forceinline__ void multiply(ExpandSums (&sums)[kTiles], int first, int step,
                                           int k) const {
    // A plane that there is not is multiplied by zero: the last one serves.
    const int plane = min(2 * k + half_, (p_.channels - 1) >> 4);
    const std::uint32_t from = pixels_ + plane * p_.input_plane_bytes;
    std::uint32_t pixels[kTiles][4];
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
      load_matrix_x4(pixels[tile], from + (first + tile * step) * 256);
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      std::uint32_t filter[4];
      load_shared_words(filter, filter_ + k * 1024 + pair * 512);
#pragma unroll
      for (int j = 0; j < 2; ++j) {
        int begins[4];
        if constexpr (kBegins) load_begins(begins, steps_, pair, j);
#pragma unroll
        for (int tile = 0; tile < kTiles; ++tile) {
          int(&to)[4] = sums[tile][2 * pair + j];
          if constexpr (kBegins)
            mma_16x8x32_from(to, begins, pixels[tile], filter[2 * j], filter[2 * j + 1]);
          else mma_16x8x32<false>(to, pixels[tile], filter[2 * j], filter[2 * j + 1]);
        }
      }
    }
  }

  template <int kTiles>
  __device__ __forceinline__ void store(const ExpandSums (&sums)[kTiles], int first,
                                        int step) const {
    std::uint32_t words[kTiles][2][kPairs];
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const HiddenConstants of_even(steps_, pair, 0), of_odd(steps_, pair, 1);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int* const even = sums[tile][2 * pair] + 2 * half;
          const int* const odd = sums[tile][2 * pair + 1] + 2 * half;
          const std::uint32_t others =
              finish_pair<G::kForm, true>(p_.expand_factor, of_odd, odd[0], odd[1], 0);
          words[tile][half][pair] =
              finish_pair<G::kForm, false>(p_.expand_factor, of_even, even[0], even[1], others);
        }
    }
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
      for (int half = 0; half < 2; ++half)
        store_shared_words(hidden_ + load_shared_2(table_ + (first + tile * step) * 32 + half * 16),
                           words[tile][half]);
  }

  const InvertedParams& p_;
  int half_;  // of a step's K, that this lane gives the address of
  std::uint32_t pixels_, filter_, steps_, hidden_, table_;
};

// This warp's share of a chunk's hidden channels, of `tiles` times 16 pixels.
template <typename G, bool kWhole>
__device__ __forceinline__ void expand_chunk(const InvertedParams& p,
                                             const InvertedShared<G>& shared,
                                             const InvertedPiece<G>& piece, std::uint32_t hidden,
                                             int tiles) {
  const Expander<G, kWhole> expander(p, shared, piece, hidden);
  // The other way around than positions are shared out, so that no warp gets most of both.
  int tile = G::kWarps - 1 - shared.warp;
  if constexpr (G::kTilesAtOnce == 2)
    for (; tile + G::kWarps < tiles; tile += 2 * G::kWarps)
      expander.template run<2>(tile, G::kWarps);
  for (; tile < tiles; tile += G::kWarps) expander.template run<1>(tile, 0);
}

// `whole`: the chunk has more than 16 channels.
template <typename G>
__device__ __forceinline__ void expand(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       int tiles, bool whole) {
  if (whole) expand_chunk<G, true>(p, shared, piece, hidden, tiles);
  else expand_chunk<G, false>(p, shared, piece, hidden, tiles);
}

}  // namespace octet::cuda
