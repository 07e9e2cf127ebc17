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
// and never again. Neighbouring lines share a column of zeros; a row above or below the image is
// half a line.
template <typename G>
__device__ __forceinline__ void clear_outside(const InvertedParams& p,
                                              const InvertedShared<G>& shared,
                                              const InvertedTile<G>& tile) {
  constexpr int kOdd = G::kStride - 1;
  const auto place = [&](int line, int column) {
    return 16 * (line * p.pitch + (column & kOdd) * p.column_plane + (column >> kOdd));
  };
  const int lines = (tile.rows - 1) * G::kStride / 2 + 2, end = tile.skipped + tile.hidden_rows;
  const int planes = G::kTeams * p.buffers * kInvertedGroups;
#pragma unroll 1
  for (int plane = shared.team * G::kWarps + shared.warp; plane < planes;
       plane += G::kTeams * G::kWarps) {
    const std::uint32_t to = shared.base + plane * p.plane_bytes;
    for (int line = shared.lane; line < lines; line += 32) {
      store_shared_words(to + place(line, 0), {0, 0, 0, 0});
      // With stride 1 it is the next line's first.
      if (G::kStride == 2 || line == lines - 1)
        store_shared_words(to + place(line, p.w + 1), {0, 0, 0, 0});
    }
    const auto clear_row = [&](int row) {
      for (int column = 1 + shared.lane; column <= p.w; column += 32)
        store_shared_words(to + place(row / 2, column) + ((row ^ plane) & 1) * 8, {0, 0});
    };
    if (tile.skipped == 1) clear_row(0);
    if (tile.hidden_first + tile.hidden_rows == p.h) clear_row(end);
  }
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
      const int pixel = divide(i, p.eights), eight = i - pixel * p.eights.value;
      if (i < count)
        store_shared_words(
            shared.input(p) + (eight >> 1) * p.input_plane_bytes + pixel * 16 + (eight & 1) * 8,
            {bytes[j].x, bytes[j].y});
    }
  }
}

// Of 16 pixels the sums of pairs of products of 8 columns.
template <int kPairs>
using ExpandSums = int[kPairs][2][4];

// A warp's way through pixels of a chunk, 16 or 32 at once. Of a whole chunk a thread has a group's
// 8 channels of two pixels, 4 in each pair of products; of half a chunk, 16 channels, there is one
// pair, and it has 4. What pairs meet may stay in registers: each read of it from shared memory
// takes as long as one of as many different bytes.
template <typename G, bool kWhole, int kPairs>
class Expander {
 public:
  // For kPairs pairs, from `pair` on.
  __device__ __forceinline__ Expander(const InvertedParams& p, const InvertedShared<G>& shared,
                                      const InvertedPiece<G>& piece, std::uint32_t hidden, int pair)
      : p_(p) {
    const int lane = shared.lane, quarter = (lane & 3);
    const int plane = kWhole ? quarter : quarter >> 1;
    pixels_ = shared.input(p) + (lane & 15) * 16;
    half_ = lane >> 4;
    filter_ = piece.expand + lane * 16 + pair * 512;
    hidden_ = hidden + plane * p.plane_bytes + (kWhole ? pair : quarter & 1) * 4;
    table_ = shared.table(p, plane) + (lane >> 2) * 2;
    steps_ = piece.expand_steps + 2 * pair * kInvertedConstants;
    quarter_ = quarter;
    if constexpr (G::kHolds) {
#pragma unroll
      for (int i = 0; i < kPairs; ++i) held_[i] = Met(*this, i);
    }
  }

  template <int kTiles>
  __device__ __forceinline__ void run(int first, int step) const {
    ExpandSums<kPairs> sums[kTiles];
    std::uint32_t pixels[kTiles][4];
    load_pixels(pixels, first, step, 0);
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const Products of = G::kHolds ? held_[pair].products : Products(*this, pair);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
        for (int odd = 0; odd < 2; ++odd)
          of.begins[odd].multiply(sums[tile][pair][odd], pixels[tile], of.filter[2 * odd],
                                  of.filter[2 * odd + 1]);
    }
#pragma unroll 1
    for (int k = 1; k < p_.k_steps; ++k) multiply(sums, first, step, k);
    store(sums, first, step);
  }

 private:
  // What a pair's first products are made of, and what their sums meet.
  struct Products {
    std::uint32_t filter[4];
    HiddenBegins begins[2];

    Products() = default;
    __device__ __forceinline__ Products(const Expander& expander, int pair) {
      load_shared_words(filter, expander.filter_ + pair * 512);
#pragma unroll
      for (int odd = 0; odd < 2; ++odd)
        begins[odd].load(expander.steps_, 2 * pair + odd, expander.quarter_);
    }
  };
  struct Steps {
    HiddenConstants of[2];

    Steps() = default;
    __device__ __forceinline__ Steps(const Expander& expander, int pair) {
#pragma unroll
      for (int odd = 0; odd < 2; ++odd)
        of[odd].load(expander.steps_, 2 * pair + odd, expander.quarter_);
    }
  };
  struct Met {
    Products products;
    Steps steps;

    Met() = default;
    __device__ __forceinline__ Met(const Expander& expander, int pair)
        : products(expander, pair), steps(expander, pair) {}
  };

  template <int kTiles>
  __device__ __forceinline__ void load_pixels(std::uint32_t (&pixels)[kTiles][4], int first,
                                              int step, int k) const {
    // A plane that there is not is multiplied by zero: the last one serves.
    const int plane = min(2 * k + half_, (p_.channels - 1) >> 4);
    const std::uint32_t from = pixels_ + plane * p_.input_plane_bytes;
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
      load_matrix_x4(pixels[tile], from + (first + tile * step) * 256);
  }

  template <int kTiles>
  __device__ __forceinline__ void multiply(ExpandSums<kPairs> (&sums)[kTiles], int first, int step,
                                           int k) const {
    std::uint32_t pixels[kTiles][4];
    load_pixels(pixels, first, step, k);
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      std::uint32_t filter[4];
      load_shared_words(filter, filter_ + k * 1024 + pair * 512);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
        for (int odd = 0; odd < 2; ++odd)
          mma_16x8x32<false>(sums[tile][pair][odd], pixels[tile], filter[2 * odd],
                             filter[2 * odd + 1]);
    }
  }

  template <int kTiles>
  __device__ __forceinline__ void store(const ExpandSums<kPairs> (&sums)[kTiles], int first,
                                        int step) const {
    Steps steps[kPairs];
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair)
      steps[pair] = G::kHolds ? held_[pair].steps : Steps(*this, pair);
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        std::uint32_t words[kPairs];
#pragma unroll
        for (int pair = 0; pair < kPairs; ++pair)
          words[pair] =
              finish_four<G::kForm>(p_.expand_factor, steps[pair].of,
                                    sums[tile][pair][0] + 2 * half, sums[tile][pair][1] + 2 * half);
        store_shared_words(hidden_ + load_shared_2(table_ + (first + tile * step) * 32 + half * 16),
                           words);
      }
  }

  const InvertedParams& p_;
  int half_;     // of a step's K, that this lane gives the address of
  int quarter_;  // of a product's columns, that this lane has sums of
  std::uint32_t pixels_, filter_, steps_, hidden_, table_;
  Met held_[kPairs];
};

// This warp's share of pairs of a chunk, of `tiles` times 16 pixels.
template <typename G, bool kWhole, int kPairs>
__device__ __forceinline__ void expand_pairs(const InvertedParams& p,
                                             const InvertedShared<G>& shared,
                                             const InvertedPiece<G>& piece, std::uint32_t hidden,
                                             int tiles, int pair) {
  // The other way around than positions are shared out, so that no warp gets most of both.
  int tile = G::kWarps - 1 - shared.warp;
  if (tile >= tiles) return;
  const Expander<G, kWhole, kPairs> expander(p, shared, piece, hidden, pair);
  if constexpr (G::kTilesAtOnce == 2) {
#pragma unroll 1
    for (; tile + G::kWarps < tiles; tile += 2 * G::kWarps)
      expander.template run<2>(tile, G::kWarps);
    if (tile < tiles) expander.template run<1>(tile, 0);
  } else {
#pragma unroll 1
    for (; tile < tiles; tile += G::kWarps) expander.template run<1>(tile, 0);
  }
}

// This warp's share of a chunk's hidden channels. `whole`: the chunk has more than 16 channels.
template <typename G>
__device__ __forceinline__ void expand(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       int tiles, bool whole) {
  if (!whole) return expand_pairs<G, false, 1>(p, shared, piece, hidden, tiles, 0);
#pragma unroll 1
  for (int pair = 0; pair < 2; pair += G::kPairsAtOnce)
    expand_pairs<G, true, G::kPairsAtOnce>(p, shared, piece, hidden, tiles, pair);
}

}  // namespace octet::cuda
