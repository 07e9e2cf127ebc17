// The first step of the fused inverted residual block: the input pixels of a tile, and from them 32
// hidden channels. See inverted.cuh.
#pragma once

#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// Of each pixel of whole blocks of 16, where it lies in the plane of an even group.
// Pixels that the tile does not have go to the end of the plane, which nobody reads.
template <typename G>
__device__ __forceinline__ void fill_table(const InvertedParams& p, const InvertedShared<G>& shared,
                                           const InvertedTile<G>& tile) {
  constexpr int kOdd = G::kStride - 1;
  const int pixels = tile.hidden_rows * p.w;
  for (int i = static_cast<int>(threadIdx.x); i < (pixels + 15) / 16 * 16; i += G::kThreads) {
    const int line = divide(i, p.row), row = line + tile.skipped, column = i - line * p.w + 1;
    const int unit = (row >> 1) * p.pitch + (column & kOdd) * p.column_plane + (column >> kOdd);
    store_shared_4(shared.table(p) + 4 * i,
                   i < pixels ? 16 * unit + (row & 1) * 8 : p.plane_bytes - 16);
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
      const int i = min(start + j * G::kThreads, count - 1);
      const int pixel = divide(i, p.eights), eight = i - pixel * p.eights.value;
      store_shared_words(
          shared.input(p) + (eight >> 1) * p.input_plane_bytes + pixel * 16 + (eight & 1) * 8,
          {bytes[j].x, bytes[j].y});
    }
  }
}

// Of 16 pixels the sums of 32 channels: fragments of 8 columns each.
using ExpandSums = int[kInvertedGroups][4];

// A warp's way through 16 or 32 pixels of a chunk.
template <typename G>
class Expander {
 public:
  __device__ __forceinline__ Expander(const InvertedParams& p, const InvertedShared<G>& shared,
                                      const InvertedPiece<G>& piece, std::uint32_t hidden,
                                      bool whole)
      : p_(p), whole_(whole) {
    const int lane = shared.lane, quarter = (lane & 3);
    pixels_ = shared.input(p) + (lane & 15) * 16;
    half_ = lane >> 4;
    filter_ = piece.expand + lane * 16;
    steps_ = piece.expand_steps + quarter * kInvertedConstants;
    // Columns 8j + 2q + e and 8 (j + 1) + 2q + e, j even, are channels 8j + 4q .. of the chunk.
    hidden_ = hidden + (quarter >> 1) * p.plane_bytes + (quarter & 1) * 4;
    flip_ = (quarter >> 1) * 8;
    table_ = shared.table(p) + (lane >> 2) * 4;
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
    for (int pair = 0; pair < 2; ++pair) {
      std::uint32_t filter[4];
      load_shared_words(filter, filter_ + k * 1024 + pair * 512);
      const auto multiply_all = [&](const auto& multiply_one) {
#pragma unroll
        for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
          for (int j = 0; j < 2; ++j)
            multiply_one(j, sums[tile][2 * pair + j], pixels[tile], filter[2 * j],
                         filter[2 * j + 1]);
      };
      if constexpr (kBegins) {
        const HiddenBegins begins(steps_ + pair * 4 * kInvertedConstants);
        multiply_all([&](int j, auto& to, const auto& left, std::uint32_t b0, std::uint32_t b1) {
          begins.multiply(j, to, left, b0, b1);
        });
      } else {
        multiply_all([](int, auto& to, const auto& left, std::uint32_t b0, std::uint32_t b1) {
          mma_16x8x32<false>(to, left, b0, b1);
        });
      }
    }
  }

  template <int kTiles>
  __device__ __forceinline__ void store(const ExpandSums (&sums)[kTiles], int first,
                                        int step) const {
    std::uint32_t to[kTiles][2];
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
      for (int half = 0; half < 2; ++half)
        to[tile][half] =
            hidden_ + (load_shared_4(table_ + (first + tile * step) * 64 + half * 32) ^ flip_);
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
      if (pair == 1 && !whole_) break;
      const HiddenConstants constants(steps_ + pair * 4 * kInvertedConstants);
#pragma unroll
      for (int tile = 0; tile < kTiles; ++tile)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int* const even = sums[tile][2 * pair] + 2 * half;
          const int* const odd = sums[tile][2 * pair + 1] + 2 * half;
          const std::uint32_t others =
              finish_pair<G::kForm, 1>(p_.expand_factor, constants, odd[0], odd[1], 0);
          store_shared_4(
              to[tile][half] + pair * 2 * p_.plane_bytes,
              finish_pair<G::kForm, 0>(p_.expand_factor, constants, even[0], even[1], others));
        }
    }
  }

  const InvertedParams& p_;
  bool whole_;  // the chunk has more than 16 channels
  int half_;    // of a step's K, that this lane gives the address of
  std::uint32_t pixels_, filter_, steps_, hidden_, flip_, table_;
};

// This warp's share of a chunk's hidden channels, of `tiles` times 16 pixels.
template <typename G>
__device__ __forceinline__ void expand(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       int tiles, bool whole) {
  const Expander<G> expander(p, shared, piece, hidden, whole);
  // The other way around than positions are shared out, so that no warp gets most of both.
  int tile = G::kWarps - 1 - shared.warp;
  if constexpr (G::kTilesAtOnce == 2)
    for (; tile + G::kWarps < tiles; tile += 2 * G::kWarps)
      expander.template run<2>(tile, G::kWarps);
  for (; tile < tiles; tile += G::kWarps) expander.template run<1>(tile, 0);
}

}  // namespace octet::cuda
