// From pixels of four bytes to a line of the hidden map. See entry.cuh.
#pragma once

#include "backends/cuda/common/ptx_mma_16.cuh"
#include "backends/cuda/conv/entry/block.cuh"

namespace octet::cuda {

// A warp has 16 columns.
template <typename G>
class EntryExpander {
 public:
  __device__ __forceinline__ EntryExpander(const EntryParams& p, const EntryShared<G>& shared)
      : p_(p), shared_(shared), piece_(p.block, shared.piece(p.block, 0)) {
    quarter_ = shared.lane & 3;
    column_ = shared.warp * 16 + (shared.lane >> 2);
    // Column `ow` begins to read at pixel 2 * ow - 1; a quarter has one of its four.
    pixel_ = (kEntryMargin - 1 + 2 * column_ + quarter_) * kEntryPixelBytes;
    hidden_ = shared.base + quarter_ * p.block.plane_bytes + (column_ + 1) * 16;
  }

  // Two rows of the hidden map, to a place among lines. `above` and `group` are the places of the
  // groups that they read.
  __device__ __forceinline__ void run(int line, int place, int above, int group) const {
    std::uint32_t words[2][2][2];  // row, of columns 8 apart, pair of products
    std::uint32_t pixels[5][2];
    load_pixels(pixels, above, group);
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) finish(pixels, pair, words);
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      const int of_map = 2 * line - 1 + row;
      // The hidden map is zero outside of the image, whatever the bias is.
      const std::uint32_t mask = of_map >= 0 && of_map < p_.block.h ? ~0u : 0;
      const std::uint32_t to = hidden_ + place * p_.block.pitch * 16 + ((row ^ quarter_) & 1) * 8;
#pragma unroll
      for (int half = 0; half < 2; ++half)
        if (column_ + 8 * half < p_.block.w)
          store_shared_words(to + half * 128,
                             {words[row][half][0] & mask, words[row][half][1] & mask});
    }
  }

 private:
  __device__ __forceinline__ void load_pixels(std::uint32_t (&pixels)[5][2], int above,
                                              int group) const {
#pragma unroll
    for (int row = 0; row < 5; ++row) {
      const std::uint32_t from = pixel_ + (row == 0 ? shared_.row(p_, above, kEntryGroupRows - 1)
                                                    : shared_.row(p_, group, row - 1));
      pixels[row][0] = load_shared_4(from);
      pixels[row][1] = load_shared_4(from + 16 * kEntryPixelBytes);
    }
  }

  // A pair of products of 8 columns, of both rows.
  __device__ __forceinline__ void finish(const std::uint32_t (&pixels)[5][2], int pair,
                                         std::uint32_t (&words)[2][2][2]) const {
    int sums[2][2][4];
    std::uint32_t filter[kEntrySteps][4];
#pragma unroll
    for (int step = 0; step < kEntrySteps; ++step)
      load_shared_words(filter[step], piece_.expand + step * 1024 + pair * 512 + shared_.lane * 16);
    HiddenConstants constants[2];
#pragma unroll
    for (int odd = 0; odd < 2; ++odd) {
      HiddenBegins begins;
      begins.load(piece_.expand_steps, 2 * pair + odd, quarter_);
#pragma unroll
      for (int row = 0; row < 2; ++row) {
        const auto& top = pixels[2 * row];
        const auto& middle = pixels[2 * row + 1];
        const auto& bottom = pixels[2 * row + 2];
        begins.multiply(sums[row][odd], {top[0], top[1], middle[0], middle[1]}, filter[0][2 * odd],
                        filter[0][2 * odd + 1]);
        mma_16x8x16(sums[row][odd], bottom[0], bottom[1], filter[1][2 * odd]);
      }
      constants[odd].load(piece_.expand_steps, 2 * pair + odd, quarter_);
    }
#pragma unroll
    for (int row = 0; row < 2; ++row)
#pragma unroll
      for (int half = 0; half < 2; ++half)
        words[row][half][pair] = finish_four<G::kForm>(
            p_.block.expand_factor, constants, sums[row][0] + 2 * half, sums[row][1] + 2 * half);
  }

  const EntryParams& p_;
  const EntryShared<G>& shared_;
  InvertedPiece<G> piece_;
  int quarter_;  // of a product's columns, that this lane has sums of
  int column_;   // the first of two that it has, 8 apart
  std::uint32_t pixel_, hidden_;
};

}  // namespace octet::cuda
