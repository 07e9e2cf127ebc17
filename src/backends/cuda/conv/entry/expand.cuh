// From pixels of four bytes to a line of the hidden map. See entry.cuh.
#pragma once

#include "backends/cuda/common/ptx_mma_16.cuh"
#include "backends/cuda/conv/entry/block.cuh"

namespace octet::cuda {

// Of 16 columns of two rows, the values of a pair of products of 8 channels, where a lane has those
// of two columns: a word each.
using EntryWords = std::uint32_t[2][2];
// Of 16 columns what a lane has of the five rows that two rows of the hidden map read.
using EntryPixels = std::uint32_t[5][2];

template <typename G>
class EntryExpander {
 public:
  __device__ __forceinline__ EntryExpander(const EntryParams& p, const EntryShared<G>& shared)
      : p_(p), shared_(shared), piece_(p.block, shared.piece(p.block, 0)) {
    quarter_ = shared.lane & 3;
    column_ = shared.warp * 16 + (shared.lane >> 2);
    // Column `ow` begins to read at pixel 2 * ow - 1; a quarter has one of its four.
    pixel_ = (kEntryMargin - 1 + 2 * column_ + quarter_) * kEntryPixelBytes;
    hidden_ = shared.base + quarter_ * p.block.plane_bytes + (column_ + 1) * 16 + quarter_ % 2 * 8;
  }

  // Two rows of the hidden map, of so many units of 16 columns, from the group at the same
  // place and the last row of the one above.
  template <int kCount>
  __device__ __forceinline__ void run(int line, int place, int above) const {
    EntryPixels pixels[kCount];
    EntryWords words[kCount][2];
#pragma unroll
    for (int unit = 0; unit < kCount; ++unit) load_pixels(pixels[unit], unit, place, above);
    std::uint32_t last[4];  // of the filter's last row
    load_shared_words(last, piece_.expand + 1024 + shared_.lane * 16);
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) finish<kCount>(pixels, pair, last, words);
    store(place, words, true, true);
    // The hidden map is zero outside of the image, whatever the bias is.
    if (line == 0 || 2 * line >= p_.block.h) {
      const EntryWords zeros[kCount][2] = {};
      store(place, zeros, line == 0 || 2 * line > p_.block.h, line > 0);
    }
  }

 private:
  __device__ __forceinline__ void load_pixels(EntryPixels& pixels, int unit, int place,
                                              int above) const {
    const std::uint32_t at = pixel_ + unit * G::kWarps * 32 * kEntryPixelBytes;
#pragma unroll
    for (int row = 0; row < 5; ++row) {
      const std::uint32_t from = at + (row == 0 ? shared_.row(p_, above, kEntryGroupRows - 1)
                                                : shared_.row(p_, place, row - 1));
      pixels[row][0] = load_shared_4(from);
      pixels[row][1] = load_shared_4(from + 16 * kEntryPixelBytes);
    }
  }

  // One or both of the rows.
  template <int kCount>
  __device__ __forceinline__ void store(int place, const EntryWords (&words)[kCount][2], bool first,
                                        bool second) const {
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      if (!(row == 0 ? first : second)) continue;
      const std::uint32_t to = (hidden_ + place * p_.block.pitch * 16) ^ (row * 8);
#pragma unroll
      for (int unit = 0; unit < kCount; ++unit)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int column = (unit * G::kWarps * 2 + half) * 8;
          if (column_ + column < p_.block.w)
            store_shared_words(to + column * 16,
                               {words[unit][0][row][half], words[unit][1][row][half]});
        }
    }
  }

  // A pair of products of 8 channels.
  template <int kCount>
  __device__ __forceinline__ void finish(const EntryPixels (&pixels)[kCount], int pair,
                                         const std::uint32_t (&last)[4],
                                         EntryWords (&words)[kCount][2]) const {
    std::uint32_t filter[4];
    HiddenBegins begins[2];
    HiddenConstants constants[2];
    load_shared_words(filter, piece_.expand + pair * 512 + shared_.lane * 16);
#pragma unroll
    for (int odd = 0; odd < 2; ++odd) {
      begins[odd].load(piece_.expand_steps, 2 * pair + odd, quarter_);
      constants[odd].load(piece_.expand_steps, 2 * pair + odd, quarter_);
    }
#pragma unroll
    for (int unit = 0; unit < kCount; ++unit) {
      int sums[2][2][4];  // row, product
#pragma unroll
      for (int row = 0; row < 2; ++row)
#pragma unroll
        for (int odd = 0; odd < 2; ++odd) {
          const auto& top = pixels[unit][2 * row];
          const auto& middle = pixels[unit][2 * row + 1];
          const auto& bottom = pixels[unit][2 * row + 2];
          begins[odd].multiply(sums[row][odd], {top[0], top[1], middle[0], middle[1]},
                               filter[2 * odd], filter[2 * odd + 1]);
          mma_16x8x16(sums[row][odd], bottom[0], bottom[1], last[2 * odd + pair]);
        }
#pragma unroll
      for (int row = 0; row < 2; ++row)
#pragma unroll
        for (int half = 0; half < 2; ++half)
          words[unit][pair][row][half] = finish_four<G::kForm>(
              p_.block.expand_factor, constants, sums[row][0] + 2 * half, sums[row][1] + 2 * half);
    }
  }

  const EntryParams& p_;
  const EntryShared<G>& shared_;
  InvertedPiece<G> piece_;
  int quarter_;                   // of a product's columns, that this lane has sums of
  int column_;                    // the first of two that it has, 8 apart
  std::uint32_t pixel_, hidden_;  // of the first of its columns, and of a line's first row
};

}  // namespace octet::cuda
