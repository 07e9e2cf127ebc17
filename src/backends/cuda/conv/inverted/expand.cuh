// The first step of the fused inverted residual block: input pixels of a tile, and from them 32
// hidden channels. See inverted.cuh.
#pragma once

#include "backends/cuda/common/ptx_matrix.cuh"
#include "backends/cuda/common/ptx_wgmma.cuh"
#include "backends/cuda/conv/inverted/block.cuh"

namespace octet::cuda {

// In units of 16 bytes.
__device__ __forceinline__ int hidden_place(const InvertedPlaces& places, int row, int column) {
  const int odd_row = row & places.row_shift, odd_column = column & places.column_shift;
  return odd_row * places.row_plane + odd_column * places.column_plane +
         (row >> places.row_shift) * places.pitch + (column >> places.column_shift);
}

// Of each pixel of whole blocks of 64; those that the tile does not have go to the last place of a
// plane, which nobody keeps sums of.
template <typename G>
__device__ __forceinline__ void fill_table(const InvertedParams& p, const InvertedShared<G>& shared,
                                           const InvertedTile& tile) {
  std::uint16_t* const table = shared.table(p);
  const int pixels = tile.hidden_rows * p.w;
  for (int i = static_cast<int>(threadIdx.x); i < (pixels + 63) / 64 * 64; i += G::kThreads) {
    const int row = i / p.w, column = i - row * p.w;
    const int place = i < pixels ? hidden_place(p.places, row + tile.skipped, column + 1)
                                 : p.plane_bytes / 16 - 1;
    table[i] = static_cast<std::uint16_t>(place);
  }
}

// The hidden map is zero outside of the image, whatever the bias is: those places are written here
// and never again.
template <typename G>
__device__ __forceinline__ void clear_hidden(const InvertedParams& p,
                                             const InvertedShared<G>& shared) {
  uint4* const hidden = reinterpret_cast<uint4*>(shared.raw);
  const int count = G::kTeams * 4 * p.plane_bytes / 16;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += G::kThreads)
    hidden[i] = make_uint4(0, 0, 0, 0);
}

// The pixels of a tile lie one after the other in memory; here each 16 channels are a plane. Where
// the channels end within a product's K the filter is zero, so that any bytes will do.
template <typename G>
__device__ __forceinline__ void load_input(const InvertedParams& p, const InvertedShared<G>& shared,
                                           const InvertedTile& tile) {
  const int eights = p.channels / 8, count = tile.hidden_rows * p.w * eights;
  const long long first =
      static_cast<long long>(tile.image * p.h + tile.hidden_first) * p.w * p.channels;
  const auto* const from = reinterpret_cast<const uint2*>(p.x + first);
  for (int i = static_cast<int>(threadIdx.x); i < count; i += G::kThreads) {
    const int pixel = i / eights, eight = i - pixel * eights;
    const uint2 bytes = __ldg(from + i);
    store_shared_words(
        shared.input(p) + eight / 2 * p.input_plane_bytes + pixel * 16 + eight % 2 * 8,
        {bytes.x, bytes.y});
  }
}

// 64 pixels to bytes in their places. Lane l of stmatrix gives a row of 16 channels: matrix l / 8
// is pixels 8 * (l / 8 % 2) .. of the warp's 16 and channels 16 * (l / 16) ..
template <typename G>
__device__ __forceinline__ void finish_pixels(const InvertedParams& p,
                                              const InvertedShared<G>& shared, std::uint32_t hidden,
                                              const int (&bias)[2][4], const int (&sums)[16],
                                              int block, bool whole) {
  const int place = shared.table(p)[block * 64 + shared.warp * 16 + shared.lane % 16];
  const std::uint32_t to = hidden + shared.lane / 16 * p.plane_bytes + place * 16;
  std::uint32_t low[2], high[2];
  finish_hidden<WgmmaRule::scaled_bias>(p.expand, p.expand_m, bias[0], sums, low);
  if (whole) {
    finish_hidden<WgmmaRule::scaled_bias>(p.expand, p.expand_m, bias[1], sums + 8, high);
    store_matrix_x4(to, {low[0], low[1], high[0], high[1]});
  } else {
    store_matrix_x2(to, low[0], low[1]);
  }
}

// This warpgroup's share of a chunk's hidden channels, two blocks of 64 pixels at a time.
// `whole`: the chunk has more than 16 channels.
template <typename G>
__device__ __forceinline__ void expand(const InvertedParams& p, const InvertedShared<G>& shared,
                                       const InvertedPiece<G>& piece, std::uint32_t hidden,
                                       int blocks, bool whole) {
  const std::uint64_t a = unswizzled_descriptor(shared.input(p), p.input_plane_bytes, 128);
  const std::uint64_t b = unswizzled_descriptor(piece.expand, 512, 128);
  const auto multiply = [&](int(&sums)[16], int block) {
    const std::uint64_t pixels = descriptor_after(a, block * 1024);
    wgmma_fence();
    Wgmma<32, false>::run(sums, pixels, b, 0);
#pragma unroll 1
    for (int k = 1; k < p.k_steps; ++k) {
      wgmma_fence();
      Wgmma<32, false>::run(sums, descriptor_after(pixels, 2 * k * p.input_plane_bytes),
                            descriptor_after(b, k * 1024), 1);
    }
    wgmma_commit();
  };
  int bias[2][4];
#pragma unroll
  for (int half = 0; half < 2; ++half)
    load_biases(bias[half], piece.expand_bias + half * 64 + shared.lane % 4 * 16);
  // The other way around than positions are shared out, so that no warpgroup gets most of both.
  const int first_block = G::kGroups - 1 - shared.group;
  if constexpr (G::kTwoAtOnce) {
    for (int block = first_block; block < blocks; block += 2 * G::kGroups) {
      const int next = block + G::kGroups;
      int first[16], second[16];
      multiply(first, block);
      multiply(second, min(next, blocks - 1));
      wgmma_wait<1>();
      finish_pixels(p, shared, hidden, bias, first, block, whole);
      wgmma_wait<0>();
      if (next < blocks) finish_pixels(p, shared, hidden, bias, second, next, whole);
    }
  } else {
    for (int block = first_block; block < blocks; block += G::kGroups) {
      int sums[16];
      multiply(sums, block);
      wgmma_wait<0>();
      finish_pixels(p, shared, hidden, bias, sums, block, whole);
    }
  }
}

}  // namespace octet::cuda
