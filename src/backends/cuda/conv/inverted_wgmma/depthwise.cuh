// The second step of the inverted residual block on Hopper: the depthwise convolution of a chunk.
// See inverted_wgmma.cuh.
#pragma once

#include "backends/cuda/common/ptx_store_matrix.cuh"
#include "backends/cuda/conv/inverted_wgmma/block.cuh"

namespace octet::cuda {

// A warp's share of a chunk: a pair of planes, 16 channels, and every few units of 16 positions.
template <typename G>
class PlaneConvolver {
 public:
  __device__ __forceinline__ PlaneConvolver(const InvertedWgmmaParams& p,
                                            const InvertedWgmmaShared<G>& shared)
      : p_(p), shared_(shared) {
    const int warp = shared.group * 4 + shared.warp;
    pair_ = warp % G::kPlanePairs;
    unit_ = warp / G::kPlanePairs;
#pragma unroll
    for (int row = 0; row < G::kRows; ++row) choose_taps(row);
  }

  __device__ __forceinline__ void run(int chunk) const {
    if (chunk * G::kShape.chunk() + pair_ * 16 >= p_.hidden) return;
#pragma unroll
    for (int i = 0; i < G::kShape.units_of_warp(); i += kAtOnce) convolve_units(chunk, i);
  }

 private:
  static constexpr int kUnitStep = kBlockWarps / G::kPlanePairs;
  static constexpr int kAtOnce = G::kShape.units_of_warp() % 2 == 0 ? 2 : 1;
  static_assert(G::kShape.units_of_warp() > 0);
  // Of each row of a unit the values of 16 channels: of positions g and g + 8.
  using Words = std::uint32_t[G::kRows][2];

  // Which of a channel's taps are this thread's part of the right operands. A column's taps are
  // bytes 0 to 2 of a word, byte 3 is zero. Words of K are two channels with both rows of a line
  // each; the taps of output row `row` begin with the row of that number. With stride 2 that is the
  // second.
  __device__ __forceinline__ void choose_taps(int row) {
    const int channel = shared_.lane >> 2, begin = G::kStride == 1 ? row : 1;
    const bool has_channel = channel >> 1 == (shared_.lane & 3);
#pragma unroll
    for (int word = 0; word < 2; ++word) {
      unsigned selector = 0x3333;
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const int tap = 2 * word + i - begin, place = 4 * (2 * (channel & 1) + i);
        if (has_channel && tap >= 0 && tap < 3) selector ^= static_cast<unsigned>(tap ^ 3) << place;
      }
      selectors_[row][word] = selector;
    }
  }

  __device__ __forceinline__ void convolve_units(int chunk, int first) const {
    Words words[kAtOnce] = {};
    convolve_plane<true>(chunk, first, words);
    convolve_plane<false>(chunk, first, words);
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) {
      const int unit = unit_ + (first + i) * kUnitStep;
      const std::uint32_t to = shared_.operand(p_, chunk) +
                               (pair_ * G::kPositions + unit * (16 * G::kRows)) * 16 +
                               shared_.lane * 16;
      if constexpr (G::kRows == 2)
        store_matrix_x4(to, {words[i][0][0], words[i][0][1], words[i][1][0], words[i][1][1]});
      else store_matrix_x2(to, words[i][0][0], words[i][0][1]);
    }
  }

  // Of the pair's second plane or its first: 8 channels. The second comes first.
  template <bool kOdd>
  __device__ __forceinline__ void convolve_plane(int chunk, int first,
                                                 Words (&words)[kAtOnce]) const {
    const int plane = 2 * pair_ + kOdd;
    const std::uint32_t piece = shared_.depthwise(p_, chunk);
    const std::uint32_t steps = piece + G::kShape.chunk() * 16;
    int sums[kAtOnce][G::kRows][4];
    multiply(shared_.hidden(p_, chunk) + plane * p_.plane_bytes,
             piece + (plane * 8 + (shared_.lane >> 2)) * 16, steps, plane, first, sums);
    HiddenConstants constants;
    constants.load(steps, plane, shared_.lane & 3);
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i)
#pragma unroll
      for (int row = 0; row < G::kRows; ++row)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int* const of = sums[i][row] + 2 * half;
          std::uint32_t& word = words[i][row][half];
          word = finish_pair<G::kForm, kOdd>(p_.depthwise_factor, constants, of[0], of[1], word);
        }
  }

  __device__ __forceinline__ void multiply(std::uint32_t hidden, std::uint32_t filter,
                                           std::uint32_t steps, int plane, int first,
                                           int (&sums)[kAtOnce][G::kRows][4]) const {
    std::uint32_t columns[4];
    HiddenBegins begins;
    load_shared_words(columns, filter);
    begins.load(steps, plane, shared_.lane & 3);
    std::uint32_t from[kAtOnce];
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) from[i] = hidden + place_of(unit_ + (first + i) * kUnitStep);
#pragma unroll
    for (int column = 0; column < 3; ++column) {
      // With stride 2 the odd columns lie apart.
      const int place = G::kStride == 1 ? column : column % 2 * p_.column_plane + column / 2;
      std::uint32_t pixels[kAtOnce][4];
#pragma unroll
      for (int i = 0; i < kAtOnce; ++i) load_matrix_x4(pixels[i], from[i] + place * 16);
#pragma unroll
      for (int row = 0; row < G::kRows; ++row) {
        const std::uint32_t taps[2] = {__byte_perm(columns[column], 0, selectors_[row][0]),
                                       __byte_perm(columns[column], 0, selectors_[row][1])};
#pragma unroll
        for (int i = 0; i < kAtOnce; ++i) {
          int(&to)[4] = sums[i][row];
          if (column == 0) begins.multiply(to, pixels[i], taps[0], taps[1]);
          else mma_16x8x32<false>(to, pixels[i], taps[0], taps[1]);
        }
      }
    }
  }

  // Where this lane's row of a unit's left operand begins: lanes 0 to 15 have the positions' upper
  // lines, the others the lower ones.
  __device__ __forceinline__ std::uint32_t place_of(int unit) const {
    const unsigned position = static_cast<unsigned>(unit) * 16 + (shared_.lane & 15);
    const int line = static_cast<int>(position / G::kColumns) + (shared_.lane >> 4);
    const int column = static_cast<int>(position % G::kColumns);
    return 16 * (line * p_.pitch + column);
  }

  const InvertedWgmmaParams& p_;
  const InvertedWgmmaShared<G> shared_;
  int pair_, unit_;
  unsigned selectors_[G::kRows][2];
};

}  // namespace octet::cuda
